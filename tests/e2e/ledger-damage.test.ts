import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { Ledger } from '../../exporter/src/ledger/ledger.ts';
import type { Damage } from '../../exporter/src/ledger/recovery.ts';
import { responseText } from '../../exporter/src/testing.ts';
import { NOW, sum, type Totals, Workbench } from '../tools/count.ts';

/** More of what is up to chance. */
const ROUNDS = Number(process.env.CCMETER_TEST_FLIP_ROUNDS ?? 40);

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.close());

const damages: [name: string, damage: Damage, harm: (path: string) => void][] = [
  ['gone', 'missing', (path) => rmSync(path)],
  ['empty', 'empty', (path) => truncateSync(path, 0)],
  ['a directory', 'not_a_file', makeDirectory],
  ['some other text', 'not_a_database', (path) => writeFileSync(path, 'lorem ipsum '.repeat(1000))],
  ['cut in the middle', 'damaged', (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2))],
  ['without its first page', 'not_a_database', (path) => overwrite(path, 0, Buffer.alloc(4096, 7))],
  ['full of zeros in the middle', 'damaged', (path) => overwrite(path, 20 * 4096, Buffer.alloc(40 * 4096))],
  ['the database of another program', 'damaged', makeOther],
];

function overwrite(path: string, offset: number, bytes: Buffer): void {
  const content = readFileSync(path);
  bytes.copy(content, offset);
  writeFileSync(path, content);
}

function makeDirectory(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

function makeOther(path: string): void {
  rmSync(path);
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE songs (title TEXT)');
  database.close();
}

describe.each(damages)('a ledger that is %s', (_, damage, harm) => {
  test('is made again, goes on with the same totals under the same name, and the broken file is kept', async () => {
    bench.writeTranscripts();
    const first = await bench.run();
    harm(bench.place.database);
    const second = await bench.run();
    expect(second.repairs).toEqual([expect.objectContaining({ damage, goesOn: true })]);
    expect(second.before).toEqual(first.totals);
    expect(second.totals).toEqual(first.totals);
    expect(second.instanceId).toBe(first.instanceId);
    const { aside } = second.repairs[0] ?? {};
    if (damage !== 'missing') expect(existsSync(aside ?? '')).toBe(true);
    expect(await bench.run()).toMatchObject({ repairs: [], totals: first.totals, mayBeBehind: false });
  });

  test('does not count twice what is still there, nor lose what is not', async () => {
    bench.writeTranscripts();
    const first = await bench.run();
    for (const path of bench.transcripts().slice(0, 3)) rmSync(path);
    harm(bench.place.database);
    // Written while no exporter ran: after everything that was counted.
    const grown = bench.transcripts()[0] ?? '';
    appendFileSync(grown, `${responseText({ id: 'msg_01LATE', output: 1000, at: new Date(NOW + 60_000).toISOString(), model: 'late' })}\n`);
    const second = await bench.run({ nowMs: NOW + 120_000 });
    for (const [name, value] of Object.entries(first.totals)) expect(second.totals[name], name).toBeGreaterThanOrEqual(value);
    const tokens = (totals: Totals) => sum(totals, 'ccmeter_tokens_total');
    expect(tokens(second.totals) - tokens(first.totals)).toBe(1003);
    expect(await bench.run({ nowMs: NOW + 120_000 })).toMatchObject({ repairs: [], totals: second.totals });
  });

  test('begins anew under another name where its totals are unknown too', async () => {
    bench.writeTranscripts();
    const first = await bench.run();
    harm(bench.place.database);
    writeFileSync(bench.place.totals, 'nothing that we wrote');
    const second = await bench.run();
    expect(second.repairs.map((repair) => repair.damage)).toEqual(['totals', damage]);
    expect(second.totals).toEqual(bench.recount());
    const { goesOn } = second.repairs[1] ?? {};
    expect(second.instanceId === first.instanceId).toBe(goesOn);
    // Whoever takes the change log has the past under the other name.
    if (!goesOn) expect(second.samples).toBe(0);
  });
});

test('wherever bytes are flipped, the totals come out right and the exporter starts', async () => {
  bench.writeTranscripts(9, 3);
  const { totals } = await bench.run();
  const whole = readFileSync(bench.place.database);
  const random = createRandom(11);
  const found = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = Buffer.from(whole);
    for (let flips = random.whole(1, 4); flips > 0; flips--) {
      const at = random.whole(0, bytes.length - 1);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.whole(0, 7));
    }
    writeFileSync(bench.place.database, bytes);
    const after = await bench.run();
    for (const { damage } of after.repairs) found.add(damage);
    for (const [name, value] of Object.entries(totals)) expect(after.totals[name], `round ${round} ${name}`).toBe(value);
  }
  expect([...found]).toContain('damaged');
});

test('wherever it is cut, the totals come out right', async () => {
  bench.writeTranscripts(9, 3);
  const { totals } = await bench.run();
  const whole = readFileSync(bench.place.database);
  const random = createRandom(12);
  for (let round = 0; round < ROUNDS / 2; round++) {
    writeFileSync(bench.place.database, whole.subarray(0, random.whole(0, whole.length - 1)));
    expect((await bench.run()).totals).toEqual(totals);
  }
});

/** What is on disk while an exporter runs: what it would leave if the power went. */
function photograph(): () => void {
  const copy = join(bench.directory, 'photograph');
  rmSync(copy, { recursive: true, force: true });
  cpSync(bench.state, copy, { recursive: true });
  return () => {
    rmSync(bench.state, { recursive: true });
    renameSync(copy, bench.state);
  };
}

test('killed, it may be behind what was shown until it has looked at its files; nothing is mended', async () => {
  bench.writeTranscripts();
  let restore = () => {};
  const { totals } = await bench.run({
    meanwhile: () => {
      restore = photograph();
    },
  });
  restore();
  expect(existsSync(`${bench.place.database}-wal`)).toBe(true);
  expect(await bench.run()).toMatchObject({ repairs: [], mayBeBehind: true, before: totals, totals });
  expect(await bench.run()).toMatchObject({ mayBeBehind: false });
});

test('without the log beside it, it is an older ledger: its totals are those that were seen, and nothing is counted twice', async () => {
  bench.writeTranscripts();
  await bench.run();
  const path = bench.transcripts()[0] ?? '';
  const append = (id: string, afterMs: number) =>
    appendFileSync(path, `${responseText({ id, output: 7, at: new Date(NOW + afterMs).toISOString() })}\n`);
  append('msg_01LOST', 1000);
  let restore = () => {};
  const { totals } = await bench.run({
    nowMs: NOW + 2000,
    meanwhile: () => {
      restore = photograph();
    },
  });
  restore();
  rmSync(`${bench.place.database}-wal`);
  append('msg_01LATE', 60_000);
  const after = await bench.run({ nowMs: NOW + 120_000 });
  expect(after.repairs).toEqual([{ damage: 'rolled_back', goesOn: true }]);
  expect(after.before).toEqual(totals);
  expect(sum(after.totals, 'ccmeter_tokens_total') - sum(totals, 'ccmeter_tokens_total')).toBe(10);
  expect(sum(after.totals, 'ccmeter_requests_total') - sum(totals, 'ccmeter_requests_total')).toBe(1);
});

test('an older copy put back by hand has the totals that were seen since', async () => {
  bench.writeTranscripts();
  const first = await bench.run();
  const old = readFileSync(bench.place.database);
  const path = bench.transcripts()[0] ?? '';
  appendFileSync(path, `${responseText({ id: 'msg_01NEW', output: 7, at: new Date(NOW).toISOString() })}\n`);
  const second = await bench.run();
  rmSync(path);
  writeFileSync(bench.place.database, old);
  const third = await bench.run();
  expect(third.repairs).toEqual([{ damage: 'rolled_back', goesOn: true }]);
  expect([third.before, third.totals]).toEqual([second.totals, second.totals]);
  expect(third.instanceId).toBe(first.instanceId);
});

test('totals that earlier versions let grow beyond what can be read are brought back, and stand still', async () => {
  bench.writeTranscripts();
  await bench.run();
  const database = new DatabaseSync(bench.place.database);
  database.exec(
    "UPDATE series SET value = 9223372036854775807 WHERE metric = 'ccmeter_cost_usd_total'; UPDATE series SET debt = 1e300 WHERE id = 1",
  );
  database.exec('UPDATE samples SET value = 9223372036854775807 WHERE seq = 2');
  database.close();
  rmSync(bench.place.totals);
  const after = await bench.run();
  expect(after.repairs).toEqual([{ damage: 'out_of_range', found: expect.stringMatching(/^\d+ totals$/) }]);
  const costs = Object.entries(after.totals).filter(([name]) => name.startsWith('ccmeter_cost_usd_total'));
  for (const [, value] of costs) expect(value).toBe(Number.MAX_SAFE_INTEGER);
  expect(await bench.run()).toMatchObject({ repairs: [], totals: after.totals });
});

test.each(['before', 'after'])(
  'killed %s the new ledger is put in its place, the rebuilding is begun again or brought to its end',
  async (when) => {
    bench.writeTranscripts();
    const { totals } = await bench.run();
    truncateSync(bench.place.database, 8192);
    cpSync(bench.place.database, `${bench.place.database}.kept`);
    const kept = readFileSync(bench.place.totals);
    await bench.run();
    // As it was after the old one had been put aside.
    if (when === 'after') renameSync(bench.place.database, bench.place.fresh);
    else {
      renameSync(`${bench.place.database}.kept`, bench.place.database);
      writeFileSync(bench.place.fresh, 'half a ledger');
      writeFileSync(bench.place.totals, kept);
    }
    const after = await bench.run();
    expect(after.totals).toEqual(totals);
    expect(existsSync(bench.place.fresh)).toBe(false);
  },
);

test('of broken ledgers the last few are kept', async () => {
  for (let round = 0; round < 7; round++) {
    mkdirSync(bench.state, { recursive: true });
    writeFileSync(bench.place.database, `broken ${round} `.repeat(100));
    await bench.run();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const kept = readdirSync(bench.state).filter((name) => name.includes('.broken-'));
  expect(kept).toHaveLength(5);
  expect(readFileSync(join(bench.state, kept.sort()[0] ?? ''), 'utf8')).toContain('broken 2');
});

test('an inode that is larger than a whole number can be is no trouble', () => {
  const ledger = new Ledger(bench.state, 'laptop');
  ledger.addFile('/a.jsonl', { dev: 1, ino: 2 ** 62, offset: 5, tail: 9 });
  ledger.close();
  const again = new Ledger(bench.state, 'laptop');
  expect(again.fileAt(1, 2 ** 62)?.path).toBe('/a.jsonl');
  again.close();
});

test('a total that was changed by hand is what the facts say again', async () => {
  bench.writeTranscripts();
  const { totals } = await bench.run();
  const database = new DatabaseSync(bench.place.database);
  database.exec("UPDATE series SET value = value + 1000 WHERE metric = 'ccmeter_tokens_total'");
  database.close();
  expect(await bench.run()).toMatchObject({ repairs: [{ damage: 'inconsistent' }], totals });
});

test('a response that grew after the copy that is put back is not counted twice', async () => {
  bench.writeTranscripts(5, 1);
  const path = bench.transcripts()[0] ?? '';
  const respond = (output: number) =>
    appendFileSync(path, `${responseText({ id: 'msg_01GROWS', output, at: new Date(NOW - 1000).toISOString(), stop: null })}\n`);
  respond(10);
  await bench.run();
  const old = readFileSync(bench.place.database);
  respond(500);
  const { totals } = await bench.run();
  writeFileSync(bench.place.database, old);
  const after = await bench.run();
  expect(after.repairs).toEqual([{ damage: 'rolled_back', goesOn: true }]);
  expect(after.totals).toEqual(totals);
});

test('one that decays on the disk, so that nobody has touched it, is found when it cannot be opened', async () => {
  bench.writeTranscripts(5, 2);
  const { totals } = await bench.run();
  const { mtime } = statSync(bench.place.database);
  overwrite(bench.place.database, 16, Buffer.alloc(4080, 7));
  utimesSync(bench.place.database, mtime, mtime);
  const after = await bench.run();
  expect(after.totals).toEqual(totals);
  expect(after.repairs).toHaveLength(1);
});
