import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';

/** Every option of `run` and `once`: flag, variable, default, meaning. The README's table and `--help` are made from these words. */
export interface Config {
  /** Configuration directories of Claude Code. */
  claudeDirs: string[];
  /** True where the directories were named by the user, so that a missing one is a mistake. */
  claudeDirsNamed: boolean;
  stateDir: string;
  listen: string;
  /** 0 takes a free one. */
  port: number;
  host: string;
  eventsUrl: string | undefined;
  remoteWriteUrl: string | undefined;
  remoteWriteId: string;
  logLevel: string;
}

/** The command line as commander gives it. */
export interface Flags {
  claudeDir?: string[];
  stateDir?: string;
  listen?: string;
  port?: string;
  host?: string;
  eventsUrl?: string;
  remoteWriteUrl?: string;
  remoteWriteId?: string;
  logLevel?: string;
}

/** An option that cannot be: the message names it, the value seen and the value wanted. */
export class ConfigError extends Error {}

type Environment = Record<string, string | undefined>;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * Flag, else variable, else default.
 *
 * @throws ConfigError
 */
export function readConfig(flags: Flags, env: Environment): Config {
  const listen = flags.listen ?? env.CCMETER_LISTEN ?? '127.0.0.1';
  if (!['127.0.0.1', '::1', 'localhost'].includes(listen)) {
    throw new ConfigError(`--listen is ${listen}; the exporter serves this machine only: 127.0.0.1, ::1 or localhost`);
  }
  const logLevel = flags.logLevel ?? env.CCMETER_LOG_LEVEL ?? 'info';
  if (!LOG_LEVELS.includes(logLevel)) throw new ConfigError(`--log-level is ${logLevel}; it wants one of ${LOG_LEVELS.join(', ')}`);
  const named = namedClaudeDirs(flags, env);
  return {
    claudeDirs: [...new Set((named ?? defaultClaudeDirs(env)).map((dir) => resolve(dir)))],
    claudeDirsNamed: named !== undefined,
    stateDir: resolve(flags.stateDir ?? env.CCMETER_STATE_DIR ?? join(stateHome(env), 'ccmeter', 'exporter')),
    listen,
    port: readPort(flags.port ?? env.CCMETER_PORT ?? '10054'),
    host: flags.host ?? env.CCMETER_HOST ?? hostname(),
    eventsUrl: readUrl('--events-url', flags.eventsUrl ?? env.CCMETER_EVENTS_URL),
    remoteWriteUrl: readUrl('--remote-write-url', flags.remoteWriteUrl ?? env.CCMETER_REMOTE_WRITE_URL),
    remoteWriteId: flags.remoteWriteId ?? env.CCMETER_REMOTE_WRITE_ID ?? 'default',
    logLevel,
  };
}

/** `--claude-dir` as often as given, else `CLAUDE_CONFIG_DIR`, which may list several with commas. */
function namedClaudeDirs(flags: Flags, env: Environment): string[] | undefined {
  if (flags.claudeDir !== undefined && flags.claudeDir.length > 0) return flags.claudeDir;
  const listed = (env.CLAUDE_CONFIG_DIR ?? '')
    .split(',')
    .map((dir) => dir.trim())
    .filter((dir) => dir !== '');
  return listed.length > 0 ? listed : undefined;
}

/** Where Claude Code keeps its files when nobody says otherwise: it has used both. */
function defaultClaudeDirs(env: Environment): string[] {
  const home = env.HOME ?? homedir();
  return [join(home, '.claude'), join(env.XDG_CONFIG_HOME || join(home, '.config'), 'claude')];
}

function stateHome(env: Environment): string {
  return env.XDG_STATE_HOME || join(env.HOME ?? homedir(), '.local', 'state');
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new ConfigError(`--port is ${text}; it wants a number from 0 to 65535`);
  return port;
}

function readUrl(option: string, text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new ConfigError(`${option} is ${text}; it wants an http or https URL`);
  return text;
}
