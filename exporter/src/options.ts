/** An option of the command line: its row gives `--help`, the README's table, the doctor's list and the check of a service's options. */
export interface OptionRow {
  /** As it is written, with what it takes: `--port <number>`. */
  flag: string;
  /** The environment variable that says the same; the flag wins. */
  variable?: string;
  /** What it is where neither says, in words. */
  otherwise: string;
  /** What it does, with its unit. */
  help: string;
  /** May be given several times. */
  repeatable?: true;
}

/** Options that more than one command takes, by the name that the parser gives them. */
export const options = {
  claudeDir: {
    flag: '--claude-dir <dir>',
    variable: 'CLAUDE_CONFIG_DIR',
    otherwise: '~/.claude and ~/.config/claude',
    help: 'directory of Claude Code; may be repeated, the variable lists several with commas; a folder of several, or of plain transcripts, does too',
    repeatable: true,
  },
  stateDir: {
    flag: '--state-dir <dir>',
    variable: 'CCMETER_STATE_DIR',
    otherwise: '~/.local/state/ccmeter/exporter',
    help: 'where the ledger and the key are kept',
  },
  listen: {
    flag: '--listen <address>',
    variable: 'CCMETER_LISTEN',
    otherwise: '127.0.0.1',
    help: 'address to serve on; of this machine alone',
  },
  port: { flag: '--port <number>', variable: 'CCMETER_PORT', otherwise: '10054', help: 'port to serve on; 0 takes a free one' },
  host: {
    flag: '--host <name>',
    variable: 'CCMETER_HOST',
    otherwise: 'name of this machine',
    help: 'value of the host label and source of the events; a ledger keeps its first',
  },
  eventsUrl: {
    flag: '--events-url <url>',
    variable: 'CCMETER_EVENTS_URL',
    otherwise: 'nowhere',
    help: 'where live events are posted, such as http://127.0.0.1:10055/events',
  },
  remoteWriteUrl: {
    flag: '--remote-write-url <url>',
    variable: 'CCMETER_REMOTE_WRITE_URL',
    otherwise: 'nowhere',
    help: 'where past and present are written with their own times; Prometheus wants out_of_order_time_window',
  },
  remoteWriteId: {
    flag: '--remote-write-id <id>',
    variable: 'CCMETER_REMOTE_WRITE_ID',
    otherwise: 'default',
    help: 'names the database behind that URL: a new one gets everything from the beginning',
  },
  projectNames: {
    flag: '--project-names <how>',
    variable: 'CCMETER_PROJECT_NAMES',
    otherwise: 'name',
    help: 'how projects and branches are shown to everybody outside: name, hash (the same on this machine, nothing elsewhere) or none; a ledger keeps its first',
  },
  mcpNames: {
    flag: '--mcp-names <servers>',
    variable: 'CCMETER_MCP_NAMES',
    otherwise: 'none: all their tools are `mcp`',
    help: 'MCP servers whose tools are shown by name, separated by commas; * for all',
  },
  prices: {
    flag: '--prices <file>',
    variable: 'CCMETER_PRICES',
    otherwise: 'the table alone',
    help: 'file (JSON) with prices of models, which go before the table',
  },
  logLevel: {
    flag: '--log-level <level>',
    variable: 'CCMETER_LOG_LEVEL',
    otherwise: 'info',
    help: 'how much is logged, as JSON lines on stderr: trace, debug, info, warn, error, fatal or silent',
  },
} as const satisfies Record<string, OptionRow>;

export type OptionName = keyof typeof options;

/** The options of `run`, in the order in which they are shown. */
export const RUN_OPTIONS = Object.keys(options) as OptionName[];

/** The command line as the parser gives it. */
export type Flags = { [Name in OptionName]?: (typeof options)[Name] extends { repeatable: true } ? string[] : string };

type Environment = Record<string, string | undefined>;

/** What is said of an option, by the flag or else by the variable; an empty variable says nothing. */
export function saidOf(name: OptionName, flags: Flags, env: Environment): { text: string; from: string } | undefined {
  const { flag, variable }: OptionRow = options[name];
  const given = flags[name];
  if (given !== undefined) return { text: [given].flat().join(','), from: nameOf(flag) };
  const value = variable === undefined ? undefined : env[variable];
  return value === undefined || value === '' ? undefined : { text: value, from: variable ?? '' };
}

/** `--port` of `--port <number>`. */
export function nameOf(flag: string): string {
  return flag.split(' ')[0] ?? flag;
}

/** What `--help` says of an option. */
export function helpOf({ variable, help, otherwise }: OptionRow): string {
  return `${help} (${variable === undefined ? '' : `${variable}; `}default: ${otherwise})`;
}

/** Variables that have no flag: most are secrets, which do not belong on a command line that others can see. */
export const variables = {
  CCMETER_PRIVATE_KEY:
    'the key that events are signed with: base64 of its 32 bytes, as export-key prints it; goes before the file key.pem of --state-dir',
  CCMETER_PROJECT_NAMES_KEY:
    'what the hashes of --project-names=hash are made with, so that several machines have the same; else each ledger makes its own',
  CCMETER_REMOTE_WRITE_HEADERS:
    'headers for --remote-write-url, as name=value,name=value with percent-encoded values, such as authorization=Bearer%20abc',
  CCMETER_OTLP_ID: 'names the database behind the collector: a new one gets everything from the beginning (default: default)',
} as const;
