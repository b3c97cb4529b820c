import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, Trouble } from './say.ts';

/** What `npm start` was asked for. A port of 0 means any free one. */
export interface Options {
  claudeDirs: string[];
  stateDir: string;
  port: number;
  exporterPort: number;
  prometheusPort: number;
  /** A Prometheus that is already running; then none is started. */
  prometheusUrl: string | undefined;
  /** Downloads are agreed to. */
  yes: boolean;
  open: boolean;
}

export const USAGE = `npm start [-- options]

  --claude-dir DIR       a Claude Code directory; may be repeated (default: CLAUDE_CONFIG_DIR, ~/.claude, ~/.config/claude)
  --state-dir DIR        where everything is kept (default: ~/.local/state/ccmeter)
  --port N               dashboard and query API (default 10055)
  --exporter-port N      exporter (default 10054)
  --prometheus-port N    Prometheus (default 10056)
  --prometheus-url URL   use this Prometheus instead of starting one
  --yes                  download Prometheus without asking, where it is needed
  --no-open              do not open a browser`;

/** Reads the command line; throws {@link Trouble} that names the option, the value seen and the value wanted. */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv = process.env): Options {
  const given = parse(args);
  const options: Options = {
    claudeDirs: (given['claude-dir'] ?? []).map(readDirectory),
    stateDir: resolve(given['state-dir'] ?? defaultStateDir(environment)),
    port: readPort('--port', given.port, 10055),
    exporterPort: readPort('--exporter-port', given['exporter-port'], 10054),
    prometheusPort: readPort('--prometheus-port', given['prometheus-port'], 10056),
    prometheusUrl: readUrl(given['prometheus-url']),
    yes: given.yes ?? false,
    open: !given['no-open'],
  };
  const { port, exporterPort, prometheusPort, prometheusUrl } = options;
  refuseTwice([
    ['--port', port],
    ['--exporter-port', exporterPort],
    ['--prometheus-port', prometheusUrl ? 0 : prometheusPort],
  ]);
  return options;
}

/** Two parts cannot have one port, and each of them alone would find it free. */
function refuseTwice(ports: readonly (readonly [option: string, port: number])[]): void {
  for (const [at, [option, port]] of ports.entries()) {
    const other = ports.slice(0, at).find(([, earlier]) => port !== 0 && earlier === port)?.[0];
    if (other) throw new Trouble(`${option} ${port}: that is the port of ${other} too; give one of them another port, or 0 for a free one`);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'claude-dir': { type: 'string', multiple: true },
        'state-dir': { type: 'string' },
        port: { type: 'string' },
        'exporter-port': { type: 'string' },
        'prometheus-port': { type: 'string' },
        'prometheus-url': { type: 'string' },
        yes: { type: 'boolean', short: 'y' },
        'no-open': { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new Trouble(`${messageOf(error)}\n\n${USAGE}`);
  }
}

/** `$XDG_STATE_HOME/ccmeter` or `~/.local/state/ccmeter`. */
export function defaultStateDir(environment: NodeJS.ProcessEnv): string {
  return join(environment.XDG_STATE_HOME || join(environment.HOME || homedir(), '.local', 'state'), 'ccmeter');
}

/** `$XDG_CACHE_HOME/ccmeter` or `~/.cache/ccmeter`. */
export function cacheDir(environment: NodeJS.ProcessEnv): string {
  return join(environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), '.cache'), 'ccmeter');
}

function readDirectory(path: string): string {
  const full = resolve(path);
  if (statSync(full, { throwIfNoEntry: false })?.isDirectory()) return full;
  throw new Trouble(`--claude-dir ${path}: there is no such directory`);
}

function readPort(option: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new Trouble(`${option} ${value}: wants a port, 0 to 65535`);
}

function readUrl(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url && ['http:', 'https:'].includes(url.protocol)) return value.replace(/\/+$/, '');
  throw new Trouble(`--prometheus-url ${value}: wants a URL such as http://127.0.0.1:9090`);
}
