import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Ledger } from '../../exporter/src/ledger/ledger.ts';
import { SCHEMA_VERSION } from '../../exporter/src/ledger/schema.ts';
import { responseText } from '../../exporter/src/testing.ts';
import { NOW, sum, Workbench } from '../tools/count.ts';
import { readLedger } from '../tools/ledger.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');
const execute = promisify(execFile);

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.close());

const file = (name = 'export.jsonl') => join(bench.directory, name);

/** Runs `exporter ledger …` to its end. */
function ledger(
  command: string,
  args: readonly string[] = [],
  state = bench.state,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return execute(process.execPath, [MAIN, 'ledger', command, '--state-dir', state, ...args], { maxBuffer: 1e9 }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

const check = () => ledger('check', ['--claude-dir', bench.claude]);

/** Adds a response to a transcript. */
function append(path: string, id: string, output: number, timeMs = NOW): void {
  appendFileSync(path, `${responseText({ id, output, at: new Date(timeMs).toISOString() })}\n`);
}

describe('an export', () => {
  const elsewhere = () => join(bench.directory, 'elsewhere');

  test('makes an empty directory the same ledger: totals, name, what databases and events still lack', async () => {
    bench.writeTranscripts();
    const first = await bench.run();
    expect(await ledger('export', [file()])).toMatchObject({ code: 0 });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const imported = await ledger('import', [file()], elsewhere());
    expect(imported).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^the ledger is now the one of laptop, exported at 20.*, [\d,]+ facts\n$/),
    });
    const second = await bench.run({ state: elsewhere() });
    expect(second).toMatchObject({
      repairs: [],
      before: first.totals,
      totals: first.totals,
      instanceId: first.instanceId,
      samples: first.samples,
    });
    expect(rowsOf(elsewhere(), 'outbox')).toEqual(rowsOf(bench.state, 'outbox'));
  });

  test('is the same packed, and through a pipe', async () => {
    bench.writeTranscripts(5, 2);
    await bench.run();
    await ledger('export', [file()]);
    await ledger('export', [file('packed.gz')]);
    const { stdout } = await ledger('export');
    const rows = (text: string) => text.split('\n').slice(1, -2);
    expect(rows(stdout)).toEqual(rows(readFileSync(file(), 'utf8')));
    expect(rows(gunzipSync(readFileSync(file('packed.gz'))).toString())).toEqual(rows(stdout));
    expect(await ledger('import', [file('packed.gz')], elsewhere())).toMatchObject({ code: 0 });
  });

  test('taken in by the same ledger adds nothing that it has', async () => {
    bench.writeTranscripts();
    await bench.run();
    await ledger('export', [file()]);
    append(bench.transcripts()[0] ?? '', 'msg_01LATER', 5);
    const { totals } = await bench.run();
    expect(await ledger('import', [file()])).toMatchObject({ code: 0, stdout: expect.stringMatching(/ 0 facts\n$/) });
    expect((await bench.run()).totals).toEqual(totals);
  });

  test('brings back what an older copy of the ledger lacks, also where the transcripts are gone', async () => {
    bench.writeTranscripts();
    await bench.run();
    const old = readFileSync(bench.place.database);
    const path = bench.transcripts()[0] ?? '';
    append(path, 'msg_01LATER', 5);
    const { totals, instanceId } = await bench.run();
    await ledger('export', [file()]);
    writeFileSync(bench.place.database, old);
    rmSync(bench.place.totals);
    rmSync(path);
    expect(await ledger('import', [file()])).toMatchObject({ code: 0, stdout: expect.stringContaining('what it lacked of itself') });
    const after = await bench.run();
    expect([after.before, after.totals, after.instanceId]).toEqual([totals, totals, instanceId]);
    const { stdout } = await check();
    expect(stdout).not.toContain('NOT THE SUM');
  });

  test('of a ledger that went on apart from this one gives the union of both', async () => {
    bench.writeTranscripts();
    await bench.run();
    const fork = readFileSync(bench.place.database);
    const path = bench.transcripts()[0] ?? '';
    const common = readFileSync(path);
    const common2 = sum((await bench.run()).totals, 'ccmeter_tokens_total');
    append(path, 'msg_01THERE', 100);
    append(path, 'msg_01BOTH', 30);
    await bench.run();
    await ledger('export', [file()]);
    writeFileSync(bench.place.database, fork);
    rmSync(bench.place.totals);
    writeFileSync(path, common);
    append(path, 'msg_01HERE', 7);
    append(path, 'msg_01BOTH', 30);
    await bench.run();
    await ledger('import', [file()]);
    const { totals } = await bench.run();
    expect(sum(totals, 'ccmeter_tokens_total') - common2).toBe(100 + 30 + 7 + 3 * 3);
    expect((await check()).stdout).not.toContain('NOT THE SUM');
  });

  const refused: [name: string, change: (text: string) => string, message: string][] = [
    ['cut', (text) => text.slice(0, text.length / 2), 'nothing was taken in'],
    ['cut between lines', (text) => `${text.split('\n').slice(0, 50).join('\n')}\n`, 'ends before its end'],
    ['without its last line', (text) => `${text.trimEnd().split('\n').slice(0, -1).join('\n')}\n`, 'ends before its end'],
    ['changed', (text) => text.replace('"harbour"', '"harvest"').replace('harbour', 'harvest'), 'was changed or cut'],
    ['of a later version', (text) => text.replace('"version":1', '"version":2'), 'made by a later version of ccmeter (version 2'],
    ['something else', () => '{"songs":[]}\n', 'not an export of a ledger'],
    ['empty', () => '', 'ends before its end'],
    ['full of rows of other shapes', (text) => text.replace('["series",1', '["series","one"'), 'line '],
  ];

  test.each(refused)('that is %s is refused, and the ledger stays as it is', async (_, change, message) => {
    bench.writeTranscripts(5, 2);
    const { totals } = await bench.run();
    await ledger('export', [file()]);
    writeFileSync(file(), change(readFileSync(file(), 'utf8')));
    for (const state of [bench.state, elsewhere()]) {
      const { code, stderr } = await ledger('import', [file()], state);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
      expect(stderr).toMatch(/^exporter: [^\n]*\n$/);
    }
    expect((await bench.run()).totals).toEqual(totals);
    expect((await bench.run({ state: elsewhere() })).totals).toEqual(totals);
  });

  test('of another ledger is refused', async () => {
    bench.writeTranscripts(5, 2);
    const { instanceId } = await bench.run();
    await ledger('export', [file()]);
    await bench.run({ state: elsewhere() });
    const { code, stderr } = await ledger('import', [file()], elsewhere());
    expect(code).toBe(2);
    expect(stderr).toContain(`the export is of the ledger ${instanceId}, and --state-dir is ${elsewhere()} with the ledger `);
  });
});

test.each(['vacuum', 'export', 'check'])('%s says so where there is no ledger, and makes none', async (command) => {
  const { code, stderr } = await ledger(command);
  expect([code, stderr]).toEqual([
    2,
    `exporter: --state-dir is ${bench.state}, where there is no ledger; it wants the directory of an exporter that has run\n`,
  ]);
  expect(existsSync(bench.state)).toBe(false);
});

describe('vacuum', () => {
  test('makes the file smaller, says by how much, and takes nothing from totals or from any range of whole minutes', async () => {
    bench.writeTranscripts();
    const path = bench.transcripts()[0] ?? '';
    const hourMs = NOW - 30 * 3600_000;
    // A busy quarter of an hour, in runs that each see a little more of it.
    for (let at = 0; at < 30; at++) {
      append(path, `msg_01BUSY${at}`, at, hourMs + at * 20_000);
      await bench.run({ nowMs: hourMs + at * 20_000 + 1000 });
    }
    const { totals, instanceId } = await bench.run();
    const before = { bytes: statSync(bench.place.database).size, ledger: readLedger(bench.state) };
    const { code, stdout } = await ledger('vacuum', ['--drop-events']);
    expect(code).toBe(0);
    const figure = (text: string) => Number(new RegExp(`^ *([\\d,]+)  ${text}`, 'm').exec(stdout)?.[1]?.replaceAll(',', ''));
    expect([figure('bytes before'), figure('bytes after')]).toEqual([before.bytes, statSync(bench.place.database).size]);
    expect(figure('bytes after')).toBeLessThan(before.bytes);
    expect(figure('samples dropped between')).toBeGreaterThan(10);
    expect(figure('waiting events dropped')).toBeGreaterThan(100);
    const after = readLedger(bench.state);
    for (const metric of ['ccmeter_tokens_total', 'ccmeter_requests_total']) {
      for (let minute = -2; minute < 14; minute++) {
        const begin = Math.floor(hourMs / 60_000 + minute) * 60_000;
        expect(after.added(metric, begin, begin + 180_000), `${metric} from minute ${minute}`).toBe(
          before.ledger.added(metric, begin, begin + 180_000),
        );
      }
    }
    expect(await bench.run()).toMatchObject({ repairs: [], totals, instanceId, mayBeBehind: false });
  });

  test('drops old history only where every database that is known has it', async () => {
    bench.writeTranscripts();
    const { samples } = await bench.run();
    const database = () => new DatabaseSync(bench.place.database);
    const dropped = async () =>
      Number(
        /([\d,]+) {2}samples dropped that are older/
          .exec((await ledger('vacuum', ['--drop-history', '1'])).stdout)?.[1]
          ?.replaceAll(',', ''),
      );
    expect(await dropped()).toBe(0);
    const one = database();
    one.exec(`INSERT INTO sinks (id, seq) VALUES ('here', ${samples}), ('there', 100)`);
    one.close();
    expect(await dropped()).toBeLessThanOrEqual(100);
    const two = database();
    two.exec("DELETE FROM sinks WHERE id = 'there'");
    two.close();
    expect(await dropped()).toBeGreaterThan(100);
    append(bench.transcripts()[0] ?? '', 'msg_01LATER', 5);
    await bench.run();
    const three = database();
    // Numbers go on after those that a database has seen.
    expect(Number(three.prepare('SELECT max(seq) AS seq FROM samples').get()?.seq)).toBeGreaterThan(samples);
    three.close();
  });

  test('is not done while an exporter uses the ledger', async () => {
    bench.writeTranscripts(5, 1);
    await bench.run();
    const held = new Ledger(bench.state, 'laptop');
    expect(await ledger('vacuum')).toMatchObject({ code: 2, stderr: `exporter: another exporter is using ${bench.state}\n` });
    held.close();
  });

  test('wants a number of days', async () => {
    bench.writeTranscripts(5, 1);
    await bench.run();
    expect(await ledger('vacuum', ['--drop-history', 'many'])).toMatchObject({
      code: 2,
      stderr: 'exporter: --drop-history is many; it wants a number of days\n',
    });
  });
});

describe('check', () => {
  test('explains every total, also of what is gone and of what was carried over a loss', async () => {
    bench.writeTranscripts();
    await bench.run();
    for (const path of bench.transcripts().slice(0, 2)) rmSync(path);
    rmSync(bench.place.database);
    await bench.run();
    for (const path of bench.transcripts().slice(0, 2)) rmSync(path);
    const { code, stdout } = await check();
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('NOT THE SUM')]);
    const [, total, onDisk, gone, carried] =
      /^ccmeter_requests_total +([\d,]+) +([\d,]+) +([\d,]+) +([\d,]+)/m.exec(stdout)?.map((text) => Number(text.replaceAll(',', ''))) ??
      [];
    expect(gone).toBeGreaterThan(0);
    expect(carried).toBeGreaterThan(0);
    expect((onDisk ?? 0) + (gone ?? 0) + (carried ?? 0)).toBe(total);
  });

  test('says that something was not read yet', async () => {
    bench.writeTranscripts(5, 1);
    await bench.run();
    append(bench.transcripts()[0] ?? '', 'msg_01LATER', 5);
    expect(await check()).toMatchObject({ code: 1, stdout: expect.stringMatching(/1 transcript has [\d,]+ bytes that are not read yet/) });
  });

  test('says that something was lost, and what it advises mends it', async () => {
    bench.writeTranscripts(5, 1);
    const { totals } = await bench.run();
    const database = new DatabaseSync(bench.place.database);
    database.exec("DELETE FROM facts WHERE key = (SELECT key FROM facts WHERE key LIKE 'response:%' LIMIT 1)");
    database.close();
    expect(await check()).toMatchObject({ code: 1, stdout: expect.stringContaining('The ledger contradicts itself. To mend it') });
    rmSync(bench.place.database);
    expect((await bench.run()).totals).toEqual(totals);
    expect(await check()).toMatchObject({ code: 0 });
  });
});

test('a ledger of an earlier schema is migrated, and goes on', async () => {
  bench.writeTranscripts();
  const first = await bench.run();
  makeVersion1(bench.place.database);
  expect(await ledger('export')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`is of schema 1; the exporter makes it one of ${SCHEMA_VERSION}`),
  });
  append(bench.transcripts()[0] ?? '', 'msg_01LATER', 5);
  const second = await bench.run();
  expect(second).toMatchObject({ repairs: [], before: first.totals, instanceId: first.instanceId });
  expect(sum(second.totals, 'ccmeter_requests_total') - sum(first.totals, 'ccmeter_requests_total')).toBe(1);
  expect((await check()).stdout).not.toContain('NOT THE SUM');
});

/** Takes away what came with version 2. */
function makeVersion1(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`
    DROP INDEX facts_sessions;
    ALTER TABLE series DROP COLUMN carried;
    CREATE TABLE files_1 (
      id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, dev INTEGER NOT NULL, ino INTEGER NOT NULL,
      offset INTEGER NOT NULL, tail INTEGER NOT NULL, last_ms INTEGER NOT NULL
    );
    INSERT INTO files_1 SELECT * FROM files;
    DROP TABLE files;
    ALTER TABLE files_1 RENAME TO files;
    UPDATE meta SET value = '1' WHERE key = 'schema_version';
  `);
  database.close();
}

function rowsOf(state: string, table: string): unknown[] {
  const database = new DatabaseSync(join(state, 'ledger.db'), { readOnly: true });
  const rows = database.prepare(`SELECT * FROM ${table}`).all();
  database.close();
  return rows;
}
