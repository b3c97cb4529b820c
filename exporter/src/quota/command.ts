import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { keepQuota, loadQuota } from './file.ts';
import { quotaAt, readQuota, statusLine } from './quota.ts';
import { installStatusLine, quote, uninstallStatusLine } from './settings.ts';

/** What the command may be told beside the state directory. */
export interface StatusLineFlags {
  then?: string;
  install?: boolean;
  uninstall?: boolean;
  show?: boolean;
}

/** Claude Code waits for its status line, so another one is given up after this. */
const THEN_TIMEOUT_MS = 5000;

/** Takes what Claude Code tells on stdin, keeps what it says of the subscription, and gives back the line to show. */
export function takeStatus(input: string, stateDir: string, then: string | undefined, nowMs: number): string {
  const status = parse(input);
  // A status line that fails is empty, so trouble with our file must not be one.
  let quota = readQuota(status);
  try {
    quota = keepQuota(stateDir, quota);
  } catch {
    quota = loadQuota(stateDir);
  }
  if (then !== undefined) {
    return (
      spawnSync(then, { shell: true, input, encoding: 'utf8', timeout: THEN_TIMEOUT_MS, stdio: ['pipe', 'pipe', 'inherit'] }).stdout ?? ''
    );
  }
  return `${statusLine(status, quotaAt(quota, nowMs), localTime(nowMs))}\n`;
}

/** `exporter statusline`. */
export function runStatusLine(stateDir: string, flags: StatusLineFlags, say: (line: string) => void): void {
  if (flags.install !== true && flags.uninstall !== true) {
    process.stdout.write(takeStatus(readFileSync(0, 'utf8'), stateDir, flags.then, Date.now()));
    return;
  }
  const file = join(process.env.CLAUDE_CONFIG_DIR?.split(',')[0]?.trim() || join(homedir(), '.claude'), 'settings.json');
  const onlyShow = flags.show === true;
  const would = onlyShow ? 'Would change' : 'Changed';
  if (flags.uninstall === true) {
    say(
      uninstallStatusLine(file, onlyShow) ? `${would} ${file}: the status line is as it was before.` : `${file}: nothing of ours is there.`,
    );
    return;
  }
  const command = [process.execPath, process.argv[1] ?? '', 'statusline', '--state-dir', stateDir].map(quote).join(' ');
  say(installStatusLine(file, command, onlyShow) ? `${would} ${file}: its status line runs\n  ${command}` : `${file} is as it should be.`);
}

function parse(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    return undefined;
  }
}

/** The hour, and the day where it is another one. */
function localTime(nowMs: number): (ms: number) => string {
  const day = (ms: number) => new Date(ms).toDateString();
  return (ms) => {
    const hour = new Date(ms).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    return day(ms) === day(nowMs) ? hour : `${new Date(ms).toLocaleDateString('en-GB', { weekday: 'short' })} ${hour}`;
  };
}
