import { spawn } from 'node:child_process';
import type { Voice } from './say.ts';

/** Opens a page in the browser of a desktop; does nothing on a server, over ssh or where no opener is found. */
export function openBrowser(url: string, voice: Voice, environment: NodeJS.ProcessEnv = process.env): void {
  const opener = openerFor(process.platform, environment);
  if (!voice.isTerminal || !opener) return;
  const child = spawn(opener.program, [...opener.args, url], { stdio: 'ignore', detached: true });
  child.once('error', () => {});
  child.unref();
}

/** The program that opens a URL, where somebody sits before a screen. */
function openerFor(platform: string, environment: NodeJS.ProcessEnv): { program: string; args: string[] } | undefined {
  if (environment.SSH_CONNECTION || environment.CI) return undefined;
  if (platform === 'darwin') return { program: 'open', args: [] };
  if (platform === 'win32') return { program: 'cmd', args: ['/c', 'start', ''] };
  return environment.DISPLAY || environment.WAYLAND_DISPLAY ? { program: 'xdg-open', args: [] } : undefined;
}
