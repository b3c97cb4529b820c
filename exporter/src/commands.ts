import { createHash } from 'node:crypto';
import { Command, CommanderError, Option } from 'commander';
import { ConfigError, readConfig, requireDirectories } from './config.ts';
import { KeyError } from './emit/sign.ts';
import { BACKFILL_HELP, CHECK_HELP, EXIT_CODES, EXPORT_HELP, IMPORT_HELP, RUN_HELP, VACUUM_HELP } from './help.ts';
import { isDamage, LedgerError } from './ledger/error.ts';
import { BackfillError } from './meter/backfill.ts';
import { systemTimeZone } from './meter/local-time.ts';
import { createNames } from './meter/names.ts';
import { readOtlpSettings } from './meter/otlp-settings.ts';
import { renderPage, toPageFamily } from './meter/page.ts';
import { collectFamilies } from './meter/points.ts';
import { type Flags, helpOf, type OptionName, type OptionRow, options, RUN_OPTIONS } from './options.ts';
import { createPriceBook } from './price/cost.ts';
import type { StatusLineFlags } from './quota/command.ts';
import type { Running } from './run.ts';
import type { ServiceFlags } from './service/command.ts';
import { guessShell, SHELLS, type TelemetryWish, telemetryEnvironment } from './telemetry-env.ts';
import { VERSION } from './version.ts';

const program = new Command('exporter')
  .description('Claude Code usage for Prometheus')
  .version(VERSION)
  .showHelpAfterError('Ask with --help for what there is.')
  .addHelpText('afterAll', `\n${EXIT_CODES}`)
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'exporter: ')) })
  // Mistakes on the command line end with 2, as all wrong options do.
  .exitOverride();

/** Results on stdout, everything for a person on stderr. */
const outputs = {
  result: (line: string) => void process.stdout.write(`${line}\n`),
  say: (line: string) => void process.stderr.write(`${line}\n`),
};

const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value];

command('run', 'count, serve /metrics and send, until stopped', RUN_OPTIONS).addHelpText('after', RUN_HELP).action(runUntilStopped);

command('once', 'read all transcripts, print the metrics, exit; keeps no state and uses no network', [
  'claudeDir',
  'host',
  'projectNames',
  'mcpNames',
  'prices',
])
  .option('--format <format>', 'of the page: prometheus (text 0.0.4) or openmetrics (1.0)', 'prometheus')
  .action(printOnce);

program
  .command('install-service')
  .description('have the exporter run by the system whenever you are logged in: says what it does, changes nothing that is right already')
  .argument('[options...]', 'options of `run`, after --')
  .option(
    '--env <name=value>',
    'a variable for the exporter, such as OTEL_EXPORTER_OTLP_ENDPOINT=http://server:4317; may be repeated',
    collect,
  )
  .option('--show', 'only say what would be done')
  .action(async (args: string[], options: ServiceFlags) => {
    const { install } = await import('./service/command.ts');
    install(args, options);
  });

program
  .command('uninstall-service')
  .description('take it away again; what was counted stays')
  .option('--show', 'only say what would be done')
  .action(async (options: ServiceFlags) => {
    const { uninstall } = await import('./service/command.ts');
    uninstall(options);
  });

program
  .command('telemetry-env')
  .description('print the variables that make Claude Code send its own telemetry, as commands of a shell: eval "$(… telemetry-env)"')
  .addOption(new Option('--shell <name>', 'whose commands').choices(SHELLS).default(guessShell(process.platform, process.env.SHELL)))
  .option('--endpoint <url>', 'where a collector takes OTLP over gRPC', 'http://127.0.0.1:4317')
  .option('--token <token>', 'bearer token that the collector wants')
  .action((wish: TelemetryWish) => {
    process.stdout.write(telemetryEnvironment(wish));
  });

command('statusline', 'be the status line of Claude Code: keep what it says of the limits of the subscription, print a line', ['stateDir'])
  .option('--then <command>', 'print what this command prints instead; it gets the same on stdin')
  .option('--install', 'put it into the settings of Claude Code; a status line that is there goes on in it')
  .option('--uninstall', 'take it out again')
  .option('--show', 'with either of them: only say what would be done')
  .action(async (flags: Flags & StatusLineFlags) => {
    const { runStatusLine } = await import('./quota/command.ts');
    runStatusLine(readConfig(flags, process.env).stateDir, flags, outputs.say);
  });

command('init', 'make the state directory and the key that events are signed with; prints what the query API has to be told', [
  'stateDir',
  'host',
])
  .option('--force', 'make a new key in place of the one that is there; the query API has to be told of it')
  .action(async (flags: Flags & { force?: boolean }) => {
    const { initialize, keyPlaceOf } = await import('./emit/key-commands.ts');
    const config = readConfig(flags, process.env);
    initialize(config, keyPlaceOf(config, process.env), flags.force ?? false, outputs);
  });

command('export-key', 'print the key of this exporter on stdout and nothing else, for CCMETER_PRIVATE_KEY of a job of CI', ['stateDir'])
  .option('--public', 'the public key instead')
  .addHelpText('after', '\nHere 1 means: there is no key, or none that can be used.')
  .action(async (flags: Flags & { public?: boolean }) => {
    const { keyPlaceOf, printKey } = await import('./emit/key-commands.ts');
    printKey(keyPlaceOf(readConfig(flags, process.env), process.env), flags.public ?? false, outputs);
  });

command('backfill', 'write all that was ever counted once more, with its own times, to a time series database that does not have it', [
  'stateDir',
  'remoteWriteUrl',
  'remoteWriteId',
])
  .option('--again', 'from the beginning, also where an earlier run was broken off')
  .addHelpText('after', BACKFILL_HELP)
  .action(async (flags: Flags & { again?: boolean }) => {
    const { runBackfill } = await import('./meter/backfill-command.ts');
    const stopping = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
    const voice = { isTerminal: process.stderr.isTTY === true, write: (text: string) => void process.stderr.write(text) };
    const well = await runBackfill(readConfig(flags, process.env), process.env, flags.again ?? false, voice, stopping.signal);
    process.exitCode = well ? 0 : 1;
  });

command('doctor', 'look at everything that counting depends on, say what is not well and what to do about it', RUN_OPTIONS)
  .option('--json', 'print it as JSON')
  .addHelpText('after', '\nTakes the options of run, and looks at what run would do with them. Exit code 1: something fails.')
  .action(async (flags: Flags & { json?: boolean }) => {
    const { runDoctor } = await import('./doctor/command.ts');
    const well = await runDoctor(readConfig(flags, process.env), flags, process.env, outputs.result);
    process.exitCode = well ? 0 : 1;
  });

const ledger = program.command('ledger').description('look at the ledger, make it smaller, take it elsewhere');

for (const parent of [program, ledger]) {
  const help = 'count the transcripts again and compare with the ledger; changes nothing, may run beside the exporter';
  command('check', help, ['claudeDir', 'stateDir'], parent).addHelpText('after', CHECK_HELP).action(checkLedger);
}

command('vacuum', 'make the file of the ledger as small as it can be; not while the exporter runs', ['stateDir'], ledger)
  .option('--drop-history <days>', 'also drop samples of the change log older than so many days that every database has')
  .option('--drop-events', 'also drop events that wait to be sent')
  .addHelpText('after', VACUUM_HELP)
  .action(async (flags: Flags & { dropHistory?: string; dropEvents?: boolean }) => {
    const { runVacuum } = await import('./ledger/command.ts');
    const historyDays = readDays(flags.dropHistory);
    const wish = { ...(historyDays === undefined ? {} : { historyDays }), events: flags.dropEvents ?? false };
    runVacuum(readConfig(flags, process.env).stateDir, wish, outputs);
  });

command('export', 'write all that the ledger has into a file, as lines of JSON; may run beside the exporter', ['stateDir'], ledger)
  .argument('[file]', 'packed where its name ends in .gz; - is stdout', '-')
  .option('--gzip', 'packed, whatever the name')
  .addHelpText('after', EXPORT_HELP)
  .action(async (file: string, flags: Flags & { gzip?: boolean }) => {
    const { runExport } = await import('./ledger/command.ts');
    await runExport(readConfig(flags, process.env).stateDir, file, flags.gzip ?? false, outputs);
  });

command(
  'import',
  'take an export into an empty state directory, or into the same ledger; not while the exporter runs',
  ['stateDir'],
  ledger,
)
  .argument('<file>', 'what `ledger export` wrote, packed or not; - is stdin')
  .addHelpText('after', IMPORT_HELP)
  .action(async (file: string, flags: Flags) => {
    const { runImport } = await import('./ledger/command.ts');
    await runImport(readConfig(flags, process.env).stateDir, file, outputs);
  });

// Whoever reads our output may stop reading, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await program.parseAsync();
} catch (error) {
  // The parser has said what is wrong, or what was asked for, itself.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  fail(error);
}

/** A command with options of the table. */
function command(name: string, description: string, names: readonly OptionName[], parent: Command = program): Command {
  const made = parent.command(name).description(description);
  for (const option of names) {
    const row: OptionRow = options[option];
    if (row.repeatable) made.option(row.flag, helpOf(row), collect);
    else made.option(row.flag, helpOf(row));
  }
  return made;
}

async function runUntilStopped(flags: Flags): Promise<void> {
  const config = readConfig(flags, process.env);
  requireDirectories(config);
  const otlp = readOtlpSettings(process.env);
  if (otlp !== undefined && 'mistake' in otlp) throw new ConfigError(otlp.mistake);
  const { run } = await import('./run.ts');
  let current = run(config, otlp);
  const { url } = await current;
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    current.then((running) => running.close()).then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
  process.send?.({ type: 'listening', url });
  // Who else meets a broken ledger first says so by not being able to go on.
  process.on('unhandledRejection', (error) => (isDamage(error) ? void current.then(({ onBroken }) => onBroken(error)) : fail(error)));
  const startAnew = async (before: Running) => {
    await before.close();
    // Should it break at once again, the machine has other things to do too.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return run({ ...config, port: Number(new URL(url).port) }, otlp);
  };
  // A ledger that breaks while it is used is mended when it is opened, as after any accident.
  for (let running = await current; !stopping; running = await current) {
    await running.broken;
    if (!stopping) current = startAnew(running);
  }
}

async function printOnce(flags: Flags & { format: string }): Promise<void> {
  const { format } = flags;
  if (format !== 'prometheus' && format !== 'openmetrics')
    throw new ConfigError(`--format is ${format}; it wants prometheus or openmetrics`);
  const config = readConfig(flags, process.env);
  requireDirectories(config);
  const nowMs = Date.now();
  const progress = createProgress();
  const { scanInParallel } = await import('./once.ts');
  const prices = createPriceBook(config.prices);
  const { projects, key } = config.names;
  if (projects === 'hash' && key === undefined)
    throw new ConfigError('--project-names is hash, and once keeps no key; give one in CCMETER_PROJECT_NAMES_KEY, or choose name or none');
  const names = createNames(
    config.names,
    createHash('sha256')
      .update(key ?? '')
      .digest('hex'),
  );
  const scan = await scanInParallel(config.claudeDirs, nowMs, progress.show, systemTimeZone(), prices, names);
  progress.end(scan.bytes, scan.durationMs);
  scan.health.set('ccmeter_exporter_build_info', { version: VERSION }, 1);
  const families = collectFamilies(config.host, scan.book, scan.sessions, scan.health, nowMs, names);
  process.stdout.write(renderPage(families.map(toPageFamily), format));
}

async function checkLedger(flags: Flags): Promise<void> {
  const config = readConfig(flags, process.env);
  requireDirectories(config);
  const { runCheck } = await import('./ledger/command.ts');
  process.exitCode = (await runCheck(config, systemTimeZone(), createProgress(), outputs)) ? 0 : 1;
}

function readDays(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text)) throw new ConfigError(`--drop-history is ${text}; it wants a number of days`);
  return Number(text);
}

/** Progress on a terminal, nothing elsewhere; the figures at the end always, on stderr. */
function createProgress() {
  const begun = performance.now();
  let shown = 0;
  return {
    show(bytes: number, total: number): void {
      const now = performance.now();
      if (!process.stderr.isTTY || now - shown < 100) return;
      shown = now;
      const rate = bytes / Math.max(now - begun, 1);
      const left = Math.ceil((total - bytes) / Math.max(rate, 1) / 1000);
      process.stderr.write(`\r\x1b[K${megabytes(bytes)} of ${megabytes(total)} MB, ${Math.round(rate / 1000)} MB/s, ${left} s left`);
    },
    end(bytes: number, durationMs: number): void {
      const rate = Math.round(bytes / Math.max(durationMs, 1) / 1000);
      process.stderr.write(
        `${process.stderr.isTTY ? '\r\x1b[K' : ''}read ${megabytes(bytes)} MB in ${(durationMs / 1000).toFixed(2)} s, ${rate} MB/s\n`,
      );
    },
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

/** One line on stderr for what a user can mend; a trace only for a mistake of ours. */
function fail(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const expected =
    error instanceof ConfigError ||
    error instanceof LedgerError ||
    error instanceof KeyError ||
    error instanceof BackfillError ||
    typeof code === 'string';
  process.stderr.write(`exporter: ${expected && error instanceof Error ? explain(error, code) : stackOf(error)}\n`);
  process.exit(error instanceof KeyError ? 1 : 2);
}

function explain(error: Error, code: unknown): string {
  if (code === 'EADDRINUSE') return `${error.message}; another exporter may be running: choose another --port, or 0 for a free one`;
  if (code === 'EACCES' || code === 'EROFS') return `${error.message}; --state-dir wants a directory that can be written`;
  return error.message;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
