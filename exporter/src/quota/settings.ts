import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** By this word our command is known again. */
const MARK = '# ccmeter';
const THEN = ' --then ';

interface StatusLine {
  type?: string;
  command?: string;
}

/** Text as one word of a POSIX shell. */
export function quote(text: string): string {
  return /^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * Makes our command the status line of a settings file. A status line that is there already goes on: it is what ours shows. False where nothing
 * has to be changed.
 */
export function installStatusLine(file: string, command: string, onlyShow: boolean): boolean {
  const settings = readSettings(file);
  const before = settings.statusLine;
  const theirs = before?.command === undefined || before.command === '' ? undefined : originalOf(before.command);
  const ours = `${command}${theirs === undefined ? '' : `${THEN}${quote(theirs)}`} ${MARK}`;
  if (before?.command === ours) return false;
  if (!onlyShow) writeSettings(file, { ...settings, statusLine: { ...before, type: 'command', command: ours } });
  return true;
}

/** Takes it out again; what was there before is there again. False where it is not there. */
export function uninstallStatusLine(file: string, onlyShow: boolean): boolean {
  const settings = readSettings(file);
  const { statusLine, ...rest } = settings;
  if (!statusLine?.command?.endsWith(MARK)) return false;
  const theirs = originalOf(statusLine.command);
  if (!onlyShow) writeSettings(file, theirs === undefined ? rest : { ...settings, statusLine: { ...statusLine, command: theirs } });
  return true;
}

/** The command of somebody else that a command runs; itself, where it is not ours. */
function originalOf(command: string): string | undefined {
  if (!command.endsWith(MARK)) return command;
  const at = command.indexOf(THEN);
  if (at === -1) return undefined;
  const word = command.slice(at + THEN.length, -MARK.length).trim();
  return word.startsWith("'") ? word.slice(1, -1).replaceAll(String.raw`'\''`, "'") : word;
}

function readSettings(file: string): { statusLine?: StatusLine } {
  if (!existsSync(file)) return {};
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${file} wants an object; nothing was changed`);
  return value;
}

/** As a whole, with the rights that it has. */
function writeSettings(file: string, settings: object): void {
  mkdirSync(dirname(file), { recursive: true });
  const mode = existsSync(file) ? statSync(file).mode & 0o777 : 0o600;
  writeFileSync(`${file}.ccmeter`, `${JSON.stringify(settings, null, 2)}\n`, { mode });
  renameSync(`${file}.ccmeter`, file);
}
