import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { accessOptions } from './access/options.ts';
import { readPublicKey } from './access/source-keys.ts';
import { ConfigError } from './errors.ts';
import { busOptions } from './live/bus/options.ts';
import { LOG_LEVELS, type LogLevel } from './log.ts';
import { readBaseUrl, upstreamOptions } from './upstream/options.ts';

export { ConfigError } from './errors.ts';

/** One row of {@link options}. */
export interface Option<Value> {
  flag: string;
  placeholder: string;
  env: string;
  /** What counts when neither flag nor variable is given; a repeated option then has no values. */
  preset: string;
  /** What the README shows where the preset depends on the machine. */
  shown?: string;
  unit: string;
  help: string;
  repeated: boolean;
  /** What a right value looks like, for the message that refuses a wrong one. */
  wanted: string;
  read(text: string): Value | undefined;
}

const stateHome = process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
const repository = resolve(import.meta.dirname, '..', '..');

/** Every option: a flag wins over its environment variable, that over the default. Repeated options take commas in the variable. */
export const options = {
  port: {
    flag: '--port',
    placeholder: 'NUMBER',
    env: 'CCMETER_API_PORT',
    preset: '10055',
    unit: '',
    help: 'Port to listen on; 0 takes any free one.',
    repeated: false,
    wanted: 'a whole number from 0 to 65535',
    read: wholeNumber(0, 65535),
  },
  listen: {
    flag: '--listen',
    placeholder: 'ADDRESS',
    env: 'CCMETER_API_LISTEN',
    preset: '127.0.0.1',
    unit: '',
    help: 'Address to listen on. Any but those of loopback needs users: a token, or an issuer.',
    repeated: false,
    wanted: 'an address of this machine, localhost, or 0.0.0.0 or :: for all of them',
    read: (text) => (text === 'localhost' || isIP(text) !== 0 ? text : undefined),
  },
  prometheusUrl: {
    flag: '--prometheus-url',
    placeholder: 'URL',
    env: 'CCMETER_API_PROMETHEUS_URL',
    preset: 'http://127.0.0.1:10056',
    unit: '',
    help: 'Where Prometheus, or what speaks its query API, is asked; a path before /api/v1 is kept.',
    repeated: false,
    wanted: 'an http or https address without user, password, query and fragment',
    read: readBaseUrl,
  },
  ...accessOptions,
  ...busOptions,
  ...upstreamOptions,
  queryTimeoutSeconds: {
    flag: '--query-timeout',
    placeholder: 'SECONDS',
    env: 'CCMETER_API_QUERY_TIMEOUT',
    preset: '30',
    unit: 'seconds',
    help: 'How long Prometheus may take for one answer.',
    repeated: false,
    wanted: 'a whole number from 1 to 600',
    read: wholeNumber(1, 600),
  },
  stateDirectory: {
    flag: '--state-dir',
    placeholder: 'DIR',
    env: 'CCMETER_API_STATE_DIR',
    preset: join(stateHome, 'ccmeter'),
    shown: '~/.local/state/ccmeter',
    unit: '',
    help: 'Where state is kept; ours is in its folder api.',
    repeated: false,
    wanted: 'a directory',
    read: readDirectory,
  },
  webDirectory: {
    flag: '--web-dir',
    placeholder: 'DIR',
    env: 'CCMETER_API_WEB_DIR',
    preset: join(repository, 'web', 'dist'),
    shown: 'web/dist',
    unit: '',
    help: 'The built dashboard.',
    repeated: false,
    wanted: 'a directory',
    read: readDirectory,
  },
  allowHosts: {
    flag: '--allow-host',
    placeholder: 'NAME',
    env: 'CCMETER_API_ALLOW_HOST',
    preset: '',
    unit: '',
    help: 'Another name under which browsers may ask for us, beside localhost, 127.0.0.1 and [::1]; may be repeated.',
    repeated: true,
    wanted: 'a host name without scheme, port and path',
    read: (text) => (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text) ? text.toLowerCase() : undefined),
  },
  sourceKeys: {
    flag: '--source-key',
    placeholder: 'SOURCE=KEY',
    env: 'CCMETER_API_SOURCE_KEY',
    preset: '',
    unit: '',
    help: 'Public key of a machine that sends events; with at least one, unsigned events are refused; may be repeated.',
    repeated: true,
    wanted: 'source=key, the key being the 32 bytes of an Ed25519 public key in base64',
    read: readSourceKey,
  },
  sourceKeysFile: {
    flag: '--source-keys-file',
    placeholder: 'FILE',
    env: 'CCMETER_API_SOURCE_KEYS_FILE',
    preset: '',
    unit: '',
    help: 'The same keys as JSON, {"keys":[{"source_id","public_key"}]}; read again when the file changes.',
    repeated: false,
    wanted: 'a file',
    read: readPath,
  },
  sourceKeysUrl: {
    flag: '--source-keys-url',
    placeholder: 'URL',
    env: 'CCMETER_API_SOURCE_KEYS_URL',
    preset: '',
    unit: '',
    help: 'The same JSON over HTTP, asked for every 30 s; while there is no answer the last good one counts.',
    repeated: false,
    wanted: 'an http or https address without user, password and fragment',
    read: readOptionalUrl,
  },
  sendRate: {
    flag: '--send-rate',
    placeholder: 'NUMBER',
    env: 'CCMETER_API_SEND_RATE',
    preset: '100',
    unit: 'requests a second',
    help: 'Requests with events that one source may send in a second, and at once; a request may carry many events.',
    repeated: false,
    wanted: 'a whole number from 1 to 100000',
    read: wholeNumber(1, 100_000),
  },
  maxStreams: {
    flag: '--max-streams',
    placeholder: 'NUMBER',
    env: 'CCMETER_API_MAX_STREAMS',
    preset: '10000',
    unit: 'streams',
    help: 'How many may listen to events at a time; each takes about 40 kB. The next one is told to come back later.',
    repeated: false,
    wanted: 'a whole number from 1 to 100000',
    read: wholeNumber(1, 100_000),
  },
  eventsKept: {
    flag: '--events-kept',
    placeholder: 'NUMBER',
    env: 'CCMETER_API_EVENTS_KEPT',
    preset: '200000',
    unit: 'events',
    help: 'How many events are kept; the oldest leave first.',
    repeated: false,
    wanted: 'a whole number from 1000 to 10000000',
    read: wholeNumber(1000, 10_000_000),
  },
  keepDays: {
    flag: '--keep-days',
    placeholder: 'NUMBER',
    env: 'CCMETER_API_KEEP_DAYS',
    preset: '400',
    unit: 'days',
    help: 'How long events and sessions are kept.',
    repeated: false,
    wanted: 'a whole number from 1 to 36500',
    read: wholeNumber(1, 36_500),
  },
  keepMegabytes: {
    flag: '--keep-megabytes',
    placeholder: 'NUMBER',
    env: 'CCMETER_API_KEEP_MEGABYTES',
    preset: '2048',
    unit: 'megabytes',
    help: 'How large the file of events and sessions may become; the oldest leave first.',
    repeated: false,
    wanted: 'a whole number from 10 to 1000000',
    read: wholeNumber(10, 1_000_000),
  },
  logLevel: {
    flag: '--log-level',
    placeholder: 'LEVEL',
    env: 'CCMETER_API_LOG_LEVEL',
    preset: 'info',
    unit: '',
    help: 'How much is logged on stderr.',
    repeated: false,
    wanted: `one of ${LOG_LEVELS.join(', ')}`,
    read: (text): LogLevel | undefined => LOG_LEVELS.find((level) => level === text),
  },
} as const satisfies Record<string, Option<unknown>>;

type Options = typeof options;
type ReadBy<Row> = Row extends { read(text: string): infer Value } ? Exclude<Value, undefined> : never;

/** What the options say. */
export type Config = {
  -readonly [Name in keyof Options]: Options[Name]['repeated'] extends true ? ReadBy<Options[Name]>[] : ReadBy<Options[Name]>;
};

/** The configuration from arguments and environment. Throws {@link ConfigError}; prints and throws `CommanderError` for `--help`. */
export function readConfig(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Config {
  const flags = parseFlags(args);
  const entries = Object.entries<Option<unknown>>(options).map(([name, option]) => [name, readOption(option, flags[flagKey(option)], env)]);
  // Each value was read by its own row.
  return Object.fromEntries(entries) as Config;
}

/** True for the way in which commander ends after `--help`. */
export function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

/** What follows the options in `--help`. */
const COMMANDS = `
Commands, in front of options:
  doctor [--e2e [--no-write]]      look at every hop; --e2e sends a session through them (no sample to Prometheus with --no-write)
  token add|list|remove            bearer tokens of programs and people
  login                            an address that logs a browser in, once
  hooks print|install|uninstall    Claude Code's hooks
Each says more with --help; those of doctor are the options above.`;

function parseFlags(args: readonly string[]): Record<string, string[] | undefined> {
  const command = new Command('query-api').description('Query API, live events and dashboard of ccmeter.').exitOverride();
  command.configureOutput({ outputError: () => {} }).addHelpText('after', COMMANDS);
  for (const option of Object.values<Option<unknown>>(options)) {
    command.option(`${option.flag} <${option.placeholder}>`, describe(option), collect);
  }
  try {
    return command.parse(args, { from: 'user' }).opts();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0)
      throw new ConfigError(`${error.message.replace(/^error: /, '')}; --help lists what there is`);
    throw error;
  }
}

function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

function describe(option: Option<unknown>): string {
  const preset = option.preset === '' ? '' : `default: ${option.preset}${option.unit === '' ? '' : ` ${option.unit}`}, `;
  return `${option.help} (${preset}env: ${option.env})`;
}

/** `--prometheus-url` is `prometheusUrl` for commander. */
function flagKey(option: Option<unknown>): string {
  return option.flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function readOption(option: Option<unknown>, flags: string[] | undefined, env: Readonly<Record<string, string | undefined>>): unknown {
  const variable = env[option.env] || undefined;
  const name = flags === undefined && variable !== undefined ? option.env : option.flag;
  const texts = flags ?? (option.repeated ? splitList(variable) : [variable ?? option.preset]);
  const values = texts.map((text) => readValue(option, name, text));
  return option.repeated ? values : values.at(-1);
}

function splitList(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

function readValue(option: Option<unknown>, name: string, text: string): unknown {
  const value = option.read(text);
  if (value === undefined) throw new ConfigError(`${name}: got ${JSON.stringify(text)}, wanted ${option.wanted}`);
  return value;
}

function wholeNumber(least: number, most: number): (text: string) => number | undefined {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  };
}

function readDirectory(text: string): string | undefined {
  return text === '' || text.includes('\0') ? undefined : resolve(text);
}

/** The key of one source. */
interface SourceKey {
  source: string;
  key: KeyObject;
}

function readSourceKey(text: string): SourceKey | undefined {
  const at = text.indexOf('=');
  const source = text.slice(0, at);
  const key = readPublicKey(text.slice(at + 1));
  return at < 1 || source.length > 200 || key === undefined ? undefined : { source, key };
}

/** No path and no address are given by the empty text, which is what counts when nothing is said. */
function readPath(text: string): string | undefined {
  return text === '' ? '' : readDirectory(text);
}

function readOptionalUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (text === '') return '';
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return undefined;
  return url.username !== '' || url.password !== '' || url.hash !== '' ? undefined : url.href;
}
