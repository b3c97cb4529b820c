import { existsSync, lstatSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { keyPlaceOf } from '../emit/key-commands.ts';
import { exportKey, KeyError } from '../emit/sign.ts';
import { SCHEMA_VERSION } from '../ledger/schema.ts';
import { type Finding, failure, messageOf, ok, type Patient, plural, size, unknown, warning } from './finding.ts';
import { transcriptsOf } from './look-at-files.ts';

/** Less room than this is a warning: a ledger grows by some kilobytes an hour, and everything else on the disk faster. */
const LITTLE_ROOM_BYTES = 200e6;

/** A write-ahead log grows to some megabytes before it is taken over; one of this size is not being taken over. */
const LARGE_LOG_BYTES = 256e6;

/** The ledger is whole, ours to write, of a version that is known, and has room to grow. */
export async function lookAtLedger({ config }: Patient): Promise<Finding> {
  const { stateDir } = config;
  const path = join(stateDir, 'ledger.db');
  if (!existsSync(path)) {
    const room = roomAt(stateDir);
    return room < LITTLE_ROOM_BYTES
      ? warning(`There is none yet in ${stateDir}, and ${size(room)} of room.`, 'Make room, or name another directory with --state-dir.')
      : ok(`There is none yet; it will be made in ${stateDir}.`);
  }
  if (process.platform !== 'win32' && (statSync(stateDir).mode & 0o077) !== 0)
    return warning(`${stateDir} is open to other users of this machine.`, `chmod 700 ${stateDir}`);
  const { version, sound, series, host } = readLedger(path);
  if (version > SCHEMA_VERSION)
    return failure(
      `It was made by a later version of ccmeter (schema ${version}; this one knows ${SCHEMA_VERSION}).`,
      'Run the version that made it, or begin again with another --state-dir.',
    );
  if (sound !== 'ok')
    return failure(
      `It is damaged: ${sound}.`,
      'Stop the exporter, put the directory aside and start again: what is still on disk is counted anew.',
    );
  const logBytes = bytesOf(`${path}-wal`);
  if (logBytes > LARGE_LOG_BYTES)
    return warning(`Its write-ahead log has ${size(logBytes)}.`, 'Something keeps it open: end what reads it, then restart the exporter.');
  if (roomAt(stateDir) < LITTLE_ROOM_BYTES) return warning(`${size(roomAt(stateDir))} of room are left for it.`, 'Make room on its disk.');
  const use = isLocked(stateDir) ? 'in use by an exporter' : 'not in use';
  const kept = host === config.host ? '' : ` It keeps the host ${host}.`;
  return ok(`Schema ${version}, ${size(bytesOf(path) + logBytes)}, ${series.toLocaleString('en')} series, ${use}, in ${stateDir}.${kept}`);
}

function readLedger(path: string): { version: number; sound: string; series: number; host: string } {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const meta = database.prepare('SELECT value FROM meta WHERE key = ?');
    return {
      version: Number(meta.get('schema_version')?.value ?? 0),
      sound: String(Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0]),
      series: Number(database.prepare('SELECT count(*) AS count FROM series').get()?.count),
      host: String(meta.get('host')?.value ?? ''),
    };
  } finally {
    database.close();
  }
}

/** The host that a ledger keeps, where there is a ledger. */
export function keptHost(stateDir: string): string | undefined {
  try {
    return readLedger(join(stateDir, 'ledger.db')).host || undefined;
  } catch {
    return undefined;
  }
}

/** Whether a running exporter holds the lock. Asking takes it for an instant where nobody does. */
function isLocked(stateDir: string): boolean {
  const path = join(stateDir, 'ledger.lock');
  if (!existsSync(path)) return false;
  const lock = new DatabaseSync(path);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return false;
  } catch {
    return true;
  } finally {
    lock.close();
  }
}

function bytesOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

/** Free bytes of the disk that a directory is on, or will be on. */
function roomAt(directory: string): number {
  const there = existsSync(directory) ? directory : dirname(directory);
  if (there === directory && !existsSync(directory)) return Number.POSITIVE_INFINITY;
  if (!existsSync(there)) return roomAt(there);
  const { bavail, bsize } = statfsSync(there);
  return bavail * bsize;
}

/** Everything that is on disk has been read. */
export async function lookAtLag({ config }: Patient): Promise<Finding> {
  const path = join(config.stateDir, 'ledger.db');
  if (!existsSync(path)) return unknown('Nothing has been read yet.');
  const read = readPositions(path);
  let files = 0;
  let bytes = 0;
  let shrunk = 0;
  for (const { path: name, stats } of transcriptsOf(config.claudeDirs, () => {})) {
    const offset = read.get(name) ?? 0;
    if (offset > stats.size) shrunk += 1;
    if (offset >= stats.size) continue;
    files += 1;
    bytes += stats.size - offset;
  }
  const begin = isLocked(config.stateDir)
    ? 'An exporter is at it: if this stays, look into its log and at ccmeter_exporter_read_errors_total.'
    : 'Start the exporter; it reads them first.';
  if (shrunk > 0) return warning(`${plural(shrunk, 'transcript')} shorter than what was read of them.`, begin);
  // A line that is being written is half there.
  if (bytes > 0) return warning(`${size(bytes)} in ${plural(files, 'transcript')} are not read yet.`, begin);
  return ok(`Every byte of ${plural(read.size, 'known file')} has been read.`);
}

function readPositions(path: string): Map<string, number> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = database.prepare('SELECT path, offset FROM files').all();
    return new Map(rows.map(({ path: name, offset }) => [String(name), Number(offset)]));
  } finally {
    database.close();
  }
}

/** The key that events are signed with. */
export async function lookAtKey({ config, env }: Patient): Promise<Finding> {
  const place = keyPlaceOf(config, env);
  if (!place.variable && lstatSync(place.file, { throwIfNoEntry: false }) === undefined)
    return ok('There is none yet; the first start, or `exporter init`, makes one.');
  try {
    const { publicKey } = exportKey(place);
    return ok(`${publicKey} is its public half, from ${place.variable ? 'CCMETER_PRIVATE_KEY' : place.file}.`);
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    return failure(
      `${messageOf(error)}.`,
      `The exporter does not start with it. ${place.variable ? 'Take the variable away, or set it to what export-key prints.' : 'A new one: exporter init --force.'}`,
    );
  }
}
