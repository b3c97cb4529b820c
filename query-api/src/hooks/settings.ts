import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The events of Claude Code that we want to hear of, and whether they are about a tool and therefore want a matcher. */
const HOOKS = {
  SessionStart: false,
  SessionEnd: false,
  UserPromptSubmit: false,
  PreToolUse: true,
  PostToolUse: true,
  PostToolUseFailure: true,
  PermissionRequest: true,
  PermissionDenied: true,
  Notification: false,
  Stop: false,
  SubagentStart: false,
  SubagentStop: false,
} as const;

/** By this word our commands are known again, whatever their address is. */
const MARK = '# ccmeter';

/** Seconds after which Claude Code goes on without us. */
const TIMEOUT_SECONDS = 5;

interface Matcher {
  matcher?: string;
  hooks: { type: 'command'; command: string; timeout: number }[];
}

/**
 * What of a hook's JSON goes to another machine, as a program for jq: what `hooks/read.ts` looks at, and of the working directory the last
 * part. A prompt, a command or a file cannot leave, since nothing else is named here.
 */
const FIELDS = [
  ...['hook_event_name', 'session_id', 'tool_use_id', 'prompt_id', 'duration_ms', 'notification_type', 'agent_id', 'agent_type'],
  'tool_name: ((.tool_name | strings | if startswith("mcp__") then "mcp__" else . end) // null)',
];
const DIRECTORY = String.raw`cwd: ((.cwd | strings | [splits("[/\\\\]+")] | map(select(. != "")) | last) // null)`;

/**
 * What is added to settings.json. On this machine the hook's JSON is sent as it comes, and what of it is kept is decided by the API, see
 * `hooks/read.ts`; to another machine only what that looks at is sent, which takes jq.
 */
export function snippet(url: string, headerFile?: string): { hooks: Record<string, Matcher[]> } {
  const entries = Object.entries(HOOKS).map(([name, ofTools]) => [name, [matcherFor(url, ofTools, headerFile)]]);
  return { hooks: Object.fromEntries(entries) };
}

/** Adds our hooks to a settings file. False where all of them are there already. */
export function installHooks(file: string, url: string, headerFile?: string): boolean {
  const settings = readSettings(file);
  const before = JSON.stringify(settings);
  const cleaned = withoutOurs(settings);
  const hooks = { ...cleaned.hooks };
  for (const [name, [matcher]] of Object.entries(snippet(url, headerFile).hooks)) {
    const others = hooks[name] ?? [];
    // Where ours stand they stay: installing again changes no line.
    const at = (settings.hooks?.[name] ?? []).findIndex(isOurs);
    hooks[name] = at === -1 ? [...others, matcher] : others.toSpliced(Math.min(at, others.length), 0, matcher);
  }
  const after = { ...settings, hooks: keepOrder(settings.hooks, hooks) };
  if (JSON.stringify(after) === before) return false;
  writeSettings(file, after);
  return true;
}

/** Takes our hooks out again. False where there are none. */
export function uninstallHooks(file: string): boolean {
  const settings = readSettings(file);
  const cleaned = withoutOurs(settings);
  if (JSON.stringify(cleaned) === JSON.stringify(settings)) return false;
  writeSettings(file, cleaned);
  return true;
}

/** Where Claude Code keeps what a user has set. */
export function settingsFile(env: Readonly<Record<string, string | undefined>>): string {
  return join(env.CLAUDE_CONFIG_DIR || join(homedir(), '.claude'), 'settings.json');
}

interface Settings {
  hooks?: Record<string, unknown[]>;
}

/** curl is on every machine that Claude Code runs on; it says nothing, waits for nothing, and never makes a hook fail. */
function matcherFor(url: string, ofTools: boolean, headerFile: string | undefined): Matcher {
  if (!/^https?:\/\/[\w.:[\]-]+\/hooks\?source=[\w.%~*!()-]*(&projects=none)?$/.test(url))
    throw new Error(`--url: ${url} is not an address of the API`);
  if (headerFile !== undefined && !/^\/[\w./ -]+$/.test(headerFile))
    throw new Error(`--header-file: ${headerFile} wants a whole path of plain characters`);
  // The token stays in its file: arguments of a program can be seen by others, and settings are copied around.
  const header = headerFile === undefined ? '' : ` -H '@${headerFile}'`;
  const send = `curl -fsS -m ${TIMEOUT_SECONDS} -H 'content-type: application/json'${header} --data-binary @- '${url}'`;
  const program = isThisMachine(url) ? send : `{ jq -c '${fieldsFor(url)}' | ${send}; }`;
  const command = `${program} >/dev/null 2>&1 || true ${MARK}`;
  return { ...(ofTools ? { matcher: '*' } : {}), hooks: [{ type: 'command', command, timeout: TIMEOUT_SECONDS + 1 }] };
}

/** True where what is sent stays on this machine. */
export function isThisMachine(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}

function fieldsFor(url: string): string {
  const fields = url.endsWith('&projects=none') ? FIELDS : [...FIELDS, DIRECTORY];
  return `{${fields.join(', ')}} | with_entries(select(.value != null))`;
}

function withoutOurs(settings: Settings): Settings {
  if (settings.hooks === undefined) return settings;
  const entries = Object.entries(settings.hooks).flatMap(([name, matchers]) => {
    const others = matchers.filter((matcher) => !isOurs(matcher));
    // A list that was empty before is not ours to take away.
    return others.length === 0 && matchers.length > 0 ? [] : [[name, others] as const];
  });
  const { hooks, ...rest } = settings;
  return entries.length === 0 && Object.keys(hooks).length > 0 ? rest : { ...settings, hooks: Object.fromEntries(entries) };
}

/** A matcher all of whose commands are ours; who has written something of their own beside them keeps all of it. */
function isOurs(matcher: unknown): boolean {
  const hooks = isObject(matcher) ? matcher.hooks : undefined;
  return (
    Array.isArray(hooks) &&
    hooks.length > 0 &&
    hooks.every((hook) => isObject(hook) && typeof hook.command === 'string' && hook.command.endsWith(MARK))
  );
}

function keepOrder(before: Record<string, unknown[]> | undefined, after: Record<string, unknown[]>): Record<string, unknown[]> {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])];
  return Object.fromEntries(names.flatMap((name) => (after[name] === undefined ? [] : [[name, after[name]]])));
}

function readSettings(file: string): Settings {
  if (!existsSync(file)) return {};
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isObject(value)) throw new Error(`${file} wants an object`);
  const { hooks } = value;
  if (hooks !== undefined && !(isObject(hooks) && Object.values(hooks).every(Array.isArray)))
    throw new Error(`${file} has hooks of a form that we do not know; nothing was changed`);
  return value as Settings;
}

/** Whole or not at all, with the mode that it has. */
function writeSettings(file: string, settings: Settings): void {
  mkdirSync(dirname(file), { recursive: true });
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0o600;
  const beside = `${file}.${process.pid}.new`;
  writeFileSync(beside, `${JSON.stringify(settings, null, 2)}\n`, { mode: mode & 0o777 });
  renameSync(beside, file);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
