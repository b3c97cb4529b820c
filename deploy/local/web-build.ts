import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, run } from './command.ts';
import type { Voice } from './say.ts';

const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package.json'];

/** Builds the dashboard where it is missing or older than its sources. Gives back the directory that is served. All else runs without it. */
export async function ensureWebBuild(root: string, voice: Voice): Promise<string> {
  const web = join(root, 'web');
  const built = newestMs(join(web, 'dist', 'index.html'));
  if (built > Math.max(...SOURCES.map((name) => newestMs(join(web, name))))) return join(web, 'dist');
  voice.line(built === 0 ? 'Building the dashboard …' : 'Building the dashboard again: its sources have changed …');
  const result = await build(root, voice);
  if (result.code !== 0) {
    voice.line(`The dashboard could not be built (npm run build -w web); all else runs.\n${essence(result.stdout + result.stderr)}`);
  }
  return join(web, 'dist');
}

/**
 * npm leaves out optional packages whose `engines` do not fit the Node it runs on, also where another one is going to use them: with
 * Debian's Node 18 the native part of the build tool is missing. On our own Node npm adds it.
 */
async function build(root: string, voice: Voice): Promise<Finished> {
  const result = await npm(root, ['run', 'build', '-w', 'web']);
  if (result.code === 0 || !/Cannot find (native binding|module '@rolldown)/.test(result.stdout + result.stderr)) return result;
  voice.line('Fetching the part of the build tool that npm left out, because it ran on an old Node …');
  await npm(root, ['install', '--no-save', '--ignore-scripts', '--no-audit']);
  return npm(root, ['run', 'build', '-w', 'web']);
}

/** Runs npm as it was started, on our Node; else whatever is on the PATH. */
function npm(root: string, args: string[]): Promise<Finished> {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? run(process.execPath, [script, ...args], { cwd: root }) : run('npm', args, { cwd: root });
}

function newestMs(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => statSync(join(path, name)).mtimeMs));
}

/** What went wrong, without stack frames and npm's own remarks. */
function essence(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^(\s+at |npm (error|notice|warn))/i.test(line));
  return lines.slice(-8).join('\n');
}
