import { existsSync, readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type NamesWish, PROJECT_NAMES } from './meter/names.ts';
import { type Flags, nameOf, type OptionName, type OptionRow, options, saidOf } from './options.ts';
import { readOwnPrices } from './price/own-prices.ts';
import type { Price } from './price/prices.ts';

/** What the options of `options.ts` come to. */
export interface Config {
  /** Configuration directories of Claude Code. */
  claudeDirs: string[];
  /** True where the directories were named by the user, so that a missing one is a mistake. */
  claudeDirsNamed: boolean;
  /** Who named them: the flag or the variable. */
  claudeDirsFrom: string;
  stateDir: string;
  listen: string;
  /** 0 takes a free one. */
  port: number;
  host: string;
  eventsUrl: string | undefined;
  remoteWriteUrl: string | undefined;
  remoteWriteId: string;
  /** Sent along with every request of remote write. Secrets. */
  remoteWriteHeaders: Record<string, string>;
  /** How what users name is shown. Its key is a secret. */
  names: NamesWish;
  /** Prices of the user's own. */
  prices: Price[];
  logLevel: string;
}

/** An option that cannot be: the message names it, the value seen and the value wanted. */
export class ConfigError extends Error {}

type Environment = Record<string, string | undefined>;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/**
 * Flag, else variable, else default.
 *
 * @throws ConfigError
 */
export function readConfig(flags: Flags, env: Environment): Config {
  const text = (name: OptionName) => saidOf(name, flags, env)?.text;
  const wrong: Wrong = (name, seen, wanted) => {
    const { flag }: OptionRow = options[name];
    return new ConfigError(`${saidOf(name, flags, env)?.from ?? nameOf(flag)} is ${seen}; ${wanted}`);
  };
  const listen = text('listen') ?? options.listen.otherwise;
  if (!LOOPBACK.includes(listen)) throw wrong('listen', listen, `the exporter serves this machine only: ${LOOPBACK.join(', ')}`);
  const logLevel = text('logLevel') ?? options.logLevel.otherwise;
  if (!LOG_LEVELS.includes(logLevel)) throw wrong('logLevel', logLevel, `it wants one of ${LOG_LEVELS.join(', ')}`);
  const named = namedClaudeDirs(flags, env);
  return {
    claudeDirs: [...new Set((named ?? defaultClaudeDirs(env)).map((dir) => resolve(dir)))],
    claudeDirsNamed: named !== undefined,
    claudeDirsFrom: saidOf('claudeDir', flags, env)?.from ?? nameOf(options.claudeDir.flag),
    stateDir: readStateDir(text('stateDir'), wrong) ?? join(stateHome(env), 'ccmeter', 'exporter'),
    listen,
    port: readPort(text('port') ?? options.port.otherwise, wrong),
    host: text('host') ?? hostname(),
    eventsUrl: readUrl('eventsUrl', text('eventsUrl'), wrong),
    remoteWriteUrl: readUrl('remoteWriteUrl', text('remoteWriteUrl'), wrong),
    remoteWriteId: text('remoteWriteId') ?? options.remoteWriteId.otherwise,
    remoteWriteHeaders: readHeaders('CCMETER_REMOTE_WRITE_HEADERS', env.CCMETER_REMOTE_WRITE_HEADERS ?? ''),
    names: readNames(text('projectNames'), text('mcpNames'), env.CCMETER_PROJECT_NAMES_KEY, wrong),
    prices: readPrices(text('prices'), wrong),
    logLevel,
  };
}

/** Makes the message about an option: who said it, the value seen and the value wanted. */
type Wrong = (name: OptionName, seen: string, wanted: string) => ConfigError;

/**
 * A directory that was named has to be there.
 *
 * @throws ConfigError
 */
export function requireDirectories({ claudeDirs, claudeDirsNamed, claudeDirsFrom }: Config): void {
  const missing = claudeDirsNamed ? claudeDirs.find((dir) => !existsSync(dir)) : undefined;
  if (missing === undefined) return;
  throw new ConfigError(
    `${claudeDirsFrom} is ${missing}, which does not exist; it wants the directory that Claude Code keeps, such as ~/.claude`,
  );
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

/** An empty one would be the directory that the exporter happens to be started in. */
function readStateDir(said: string | undefined, wrong: Wrong): string | undefined {
  if (said === '') throw wrong('stateDir', 'empty', 'it wants a directory that can be written');
  return said === undefined ? undefined : resolve(said);
}

function readNames(said: string | undefined, servers: string | undefined, key: string | undefined, wrong: Wrong): NamesWish {
  const projects = said ?? options.projectNames.otherwise;
  const how = PROJECT_NAMES.find((known) => known === projects);
  if (how === undefined) throw wrong('projectNames', projects, `it wants ${PROJECT_NAMES.join(', ')}`);
  const mcpServers = (servers ?? '')
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '');
  return { projects: how, mcpServers, key: key || undefined };
}

function readPrices(file: string | undefined, wrong: Wrong): Price[] {
  if (file === undefined) return [];
  try {
    return readOwnPrices(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong('prices', file, error instanceof Error ? error.message : String(error));
  }
}

function readPort(text: string, wrong: Wrong): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw wrong('port', text, 'it wants a number from 0 to 65535');
  return port;
}

function readUrl(name: 'eventsUrl' | 'remoteWriteUrl', text: string | undefined, wrong: Wrong): string | undefined {
  if (text === undefined || text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw wrong(name, text, 'it wants an http or https URL');
  // Shown in logs and by the doctor, and seen by whoever lists processes.
  if (url.username !== '' || url.password !== '') {
    const elsewhere = name === 'remoteWriteUrl' ? 'they belong into CCMETER_REMOTE_WRITE_HEADERS' : 'events are signed and need none';
    throw wrong(name, 'a URL with a user or password in it', elsewhere);
  }
  return text;
}

/** Headers as OpenTelemetry's variables write them; the message of a mistake does not repeat the secret. */
function readHeaders(variable: string, text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.trim());
  return Object.fromEntries(
    pairs
      .filter((pair) => pair !== '')
      .map((pair) => {
        const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+)\s*=\s*(.*)$/.exec(pair) ?? [];
        const decoded = value === undefined ? undefined : decode(value);
        if (name === undefined || decoded === undefined || /[\r\n\0]/.test(decoded))
          throw new ConfigError(`${variable} cannot be read; it wants name=value,name=value with percent-encoded values`);
        return [name.toLowerCase(), decoded];
      }),
  );
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
