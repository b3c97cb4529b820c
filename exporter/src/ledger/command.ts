import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { type Config, ConfigError } from '../config.ts';
import { scaleOf } from '../meter/record.ts';
import { scanInParallel } from '../once.ts';
import { transcriptRoot, walkTranscripts } from '../watch/transcripts.ts';
import { type Check, check, isUnexplained, type TotalExplained } from './check.ts';
import { LedgerError } from './error.ts';
import { exportLedger, openToRead } from './export.ts';
import { importLedger } from './import.ts';
import { placeOf, requireLedger } from './place.ts';
import { describeRepair } from './recovery.ts';
import { type VacuumWish, vacuum } from './vacuum.ts';

/** Where a command says what it has to say: results on stdout, everything for a person on stderr. */
export interface Outputs {
  result(line: string): void;
  say(line: string): void;
}

/** How far a recount is. */
export interface Progress {
  show(bytes: number, total: number): void;
  end(bytes: number, durationMs: number): void;
}

/** `exporter ledger check`: false where something has not been counted, or a total is not explained. */
export async function runCheck(config: Config, timeZone: string, progress: Progress, { result }: Outputs): Promise<boolean> {
  const database = openToRead(config.stateDir);
  try {
    const scan = await scanInParallel(config.claudeDirs, Date.now(), progress.show, timeZone);
    progress.end(scan.bytes, scan.durationMs);
    const found = check(database, scan.facts, Date.now());
    for (const line of linesOf(found)) result(line);
    const isWell = found.missing.length + found.grown.length === 0 && !found.totals.some(isUnexplained);
    if (!isWell) result(causeOf(config, found, unreadOf(config, database)));
    return isWell;
  } finally {
    database.close();
  }
}

function linesOf({ same, gone, missing, grown, totals }: Check): string[] {
  const row = (count: number, text: string) => `${count.toLocaleString('en').padStart(12)}  ${text}`;
  return [
    row(same, 'counted, and found again with the same figures'),
    row(gone, 'counted, and gone from the transcripts: they stay counted'),
    row(missing.length, 'in the transcripts, and not counted'),
    row(grown.length, 'in the transcripts with larger figures than were counted'),
    '',
    tableRow('', ['total', 'on disk', 'gone', 'carried', 'owed', '']),
    ...totals.map((total) => tableRow(total.metric, [...figuresOf(total), isUnexplained(total) ? 'NOT THE SUM' : ''])),
    '',
    'A total is what was counted of what is on disk and of what is gone, what is carried from a ledger that was lost, and what was counted too',
    'much and is owed to what comes next.',
  ];
}

function tableRow(name: string, cells: readonly string[]): string {
  return `${name.padEnd(36)}${cells.map((cell) => cell.padStart(18)).join('')}`.trimEnd();
}

function figuresOf({ metric, total, onDisk, gone, carried, owed }: TotalExplained): string[] {
  return [total, onDisk, gone, carried, owed].map((value) => (value / scaleOf(metric)).toLocaleString('en', { maximumFractionDigits: 6 }));
}

/** Transcripts that have not been read to their end. */
function unreadOf({ claudeDirs }: Config, database: ReturnType<typeof openToRead>): { files: number; bytes: number } {
  const read = new Map(
    database
      .prepare('SELECT path, offset FROM files')
      .all()
      .map(({ path, offset }) => [String(path), Number(offset)]),
  );
  const unread = { files: 0, bytes: 0 };
  for (const dir of claudeDirs) {
    for (const { path, stats } of walkTranscripts(transcriptRoot(dir), () => {})) {
      const left = stats.size - (read.get(path) ?? 0);
      if (left === 0) continue;
      unread.files += 1;
      unread.bytes += Math.abs(left);
    }
  }
  return unread;
}

function causeOf({ stateDir }: Config, { totals }: Check, { files, bytes }: { files: number; bytes: number }): string {
  const again = `stop the exporter, delete ${placeOf(stateDir).database} and nothing else, and start it: everything is read again, no total falls, and nothing is counted twice`;
  if (totals.some(isUnexplained)) return `\nThe ledger contradicts itself. To mend it ${again}.`;
  if (files === 0) return `\nAll transcripts have been read to their ends, so something was lost. To mend it ${again}.`;
  const what = files === 1 ? '1 transcript has' : `${files.toLocaleString('en')} transcripts have`;
  return `\nThe cause: ${what} ${bytes.toLocaleString('en')} bytes that are not read yet. Start the exporter, wait until it is ready, and check again.`;
}

/** `exporter ledger vacuum`. */
export function runVacuum(stateDir: string, wish: VacuumWish, { result, say }: Outputs): void {
  requireLedger(placeOf(stateDir));
  const { bytesBefore, bytesAfter, thinned, dropped, events, aside, repairs } = vacuum(stateDir, Date.now(), wish);
  for (const repair of repairs) say(describeRepair(repair));
  const row = (count: number, text: string) => result(`${count.toLocaleString('en').padStart(15)}  ${text}`);
  row(bytesBefore, 'bytes before');
  row(bytesAfter, 'bytes after');
  row(thinned, 'samples dropped between the first and the last of their minute');
  if (wish.historyDays !== undefined)
    row(dropped, `samples dropped that are older than ${wish.historyDays} days and that every database has`);
  if (wish.events) row(events, 'waiting events dropped');
  if (aside.files > 0)
    row(aside.bytes, `bytes in ${aside.files} files of broken ledgers that were put aside: delete them when nobody wants them`);
}

/** `exporter ledger export`: to a file, which is there when it is whole, or to stdout. */
export async function runExport(stateDir: string, file: string, gzip: boolean, { say }: Outputs): Promise<void> {
  const database = openToRead(stateDir);
  try {
    const lines = Readable.from(exportLedger(database, new Date().toISOString()), { objectMode: true });
    const stages = gzip || file.endsWith('.gz') ? [createGzip()] : [];
    if (file === '-') {
      await pipeline([lines, ...stages, process.stdout], { end: false });
      return;
    }
    const fresh = `${file}.new`;
    rmSync(fresh, { force: true });
    await pipeline([lines, ...stages, createWriteStream(fresh, { flags: 'wx', mode: 0o600 })]);
    renameSync(fresh, file);
    say(`wrote ${file}`);
  } finally {
    database.close();
  }
}

/** `exporter ledger import`. */
export async function runImport(stateDir: string, file: string, { result }: Outputs): Promise<void> {
  if (file !== '-' && !existsSync(file)) throw new ConfigError(`${file} does not exist; import wants a file that \`ledger export\` wrote`);
  const input = file === '-' ? process.stdin : createReadStream(file);
  const { head, into, rows, facts } = await importLedger(stateDir, linesIn(input));
  const what = into === 'empty' ? 'the ledger is now the one' : 'the ledger has taken in what it lacked of itself';
  result(`${what} of ${head.host}, exported at ${head.exportedAt}: ${rows.toLocaleString('en')} rows, ${facts.toLocaleString('en')} facts`);
}

const GZIP = Buffer.from([0x1f, 0x8b]);

/** Lines of a text, packed or not. */
async function* linesIn(input: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun = '';
  try {
    for await (const chunk of unpacked(input)) {
      const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n');
      begun = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    throw new LedgerError(`the export cannot be read: ${error instanceof Error ? error.message : error}; nothing was taken in`);
  }
  if (begun !== '') yield begun;
}

async function* unpacked(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = input[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return;
  const all = Readable.from(startingWith(first.value, chunks), { objectMode: false });
  yield* first.value.subarray(0, 2).equals(GZIP) ? all.compose(createGunzip()) : all;
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
