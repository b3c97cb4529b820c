import { execFile, execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { measure } from '../../exporter/bench/measure.ts';
import { metrics } from '../../exporter/src/contract/index.ts';
import { scanOnce } from '../../exporter/src/once.ts';
import { assistantLine, transcript } from '../fixtures/lines.ts';
import { Workbench } from '../tools/count.ts';
import { mutate } from '../tools/mutate.ts';
import { getJson, type Status, startExporter, until } from '../tools/parts.ts';
import { readTree } from '../tools/replay.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');
const execute = promisify(execFile);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-hostile-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const claude = () => join(directory, 'claude');
const uuid = (number: number) => `5e551011-0000-4000-a000-${String(number).padStart(12, '0')}`;

/** A transcript with one response of ten tokens. */
function write(path: string | Buffer, id: string, before = ''): void {
  writeFileSync(path, before + transcript([assistantLine({ messageId: `msg_01${id}`, usage: { output: 10 } })]));
}

async function once(...args: string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, [MAIN, 'once', '--claude-dir', claude(), ...args], {
    timeout: 60_000,
    maxBuffer: 1e9,
  });
  return stdout;
}

function sum(page: string, metric: string, having = ''): number {
  const lines = page.split('\n').filter((line) => line.startsWith(`${metric}{`) && line.includes(having));
  return lines.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
}

/** Everything that can lie where a transcript is expected. Gives back how many responses are to be counted. */
async function makeHostileTree(): Promise<{ responses: number; close: () => void }> {
  const project = join(claude(), 'projects', '-p');
  mkdirSync(project, { recursive: true });
  write(join(project, `${uuid(1)}.jsonl`), 'PLAIN');
  // Names.
  mkdirSync(join(claude(), 'projects', 'a\nb"c\\d{}'));
  write(join(claude(), 'projects', 'a\nb"c\\d{}', `${uuid(2)}.jsonl`), 'NEWLINE');
  mkdirSync(join(claude(), 'projects', 'x'.repeat(255)));
  write(join(claude(), 'projects', 'x'.repeat(255), `agent-${'y'.repeat(243)}.jsonl`), 'LONG');
  mkdirSync(join(claude(), 'projects', '__proto__'));
  write(join(claude(), 'projects', '__proto__', `${uuid(3)}.jsonl`), 'PROTO');
  // A name that is no UTF-8 cannot be said, so what is below it is counted as an error and left out.
  const wild = Buffer.concat([Buffer.from(`${join(claude(), 'projects')}/`), Buffer.from([0xff, 0xfe, 0x80])]);
  mkdirSync(wild);
  write(Buffer.concat([wild, Buffer.from(`/${uuid(4)}.jsonl`)]), 'WILD');
  // Things that are no files.
  execFileSync('mkfifo', [join(project, `${uuid(10)}.jsonl`)]);
  symlinkSync(join(project, `${uuid(11)}.jsonl`), join(project, `${uuid(11)}.jsonl`));
  symlinkSync('/dev/zero', join(project, `${uuid(12)}.jsonl`));
  symlinkSync(join(claude(), 'projects'), join(project, 'loop'));
  mkdirSync(join(project, `${uuid(13)}.jsonl`));
  const socket = createServer().listen(join(directory, 'socket'));
  symlinkSync(join(directory, 'socket'), join(project, `${uuid(14)}.jsonl`));
  // Beside the transcripts.
  execFileSync('mkfifo', [join(claude(), 'history.jsonl'), join(claude(), 'stats-cache.json')]);
  mkdirSync(join(claude(), 'settings.json'));
  symlinkSync(join(claude(), 'todos'), join(claude(), 'todos'));
  // Deeper than anything Claude Code makes.
  write(join(makeDeep(join(project, 'deep'), 40), `${uuid(15)}.jsonl`), 'DEEP');
  // Contents.
  write(join(project, `${uuid(20)}.jsonl`), 'AFTERNUL', `${'\0'.repeat(10_000)}\n`);
  write(join(project, `${uuid(21)}.jsonl`), 'AFTERDEPTH', `${'['.repeat(200_000)}\n${'{"a":'.repeat(100_000)}\n`);
  write(
    join(project, `${uuid(22)}.jsonl`),
    'AFTERPROTO',
    '{"__proto__":{"type":"assistant","output_tokens":5},"constructor":{"prototype":{"x":1}}}\n',
  );
  write(join(project, `${uuid(23)}.jsonl`), 'AFTERBLANK', '\n\r\n   \n\t\n\ufeff\n');
  writeFileSync(
    join(project, `${uuid(24)}.jsonl`),
    Buffer.concat([Buffer.from([0xff, 0xfe, 0x80, 0xc3, 0x28, 0x0a]), Buffer.from('{"type":"assistant"')]),
  );
  writeFileSync(join(project, `${uuid(25)}.jsonl`), '');
  // Windows' line ends, and no end at all.
  writeFileSync(
    join(project, `${uuid(26)}.jsonl`),
    transcript([assistantLine({ messageId: 'msg_01CRLF', usage: { output: 10 } })]).replace('\n', '\r\n'),
  );
  return { responses: 9, close: () => void socket.close() };
}

function makeDeep(path: string, levels: number): string {
  const deep = join(path, ...Array.from({ length: levels }, (_, level) => `d${level}`));
  mkdirSync(deep, { recursive: true });
  return deep;
}

test('whatever lies where transcripts are expected, the transcripts are counted and the rest is counted as what it is', async () => {
  const { responses, close } = await makeHostileTree();
  const page = await once();
  expect(sum(page, 'ccmeter_requests_total')).toBe(responses);
  expect(sum(page, 'ccmeter_tokens_total', 'kind="output"')).toBe(responses * 10);
  expect(sum(page, 'ccmeter_exporter_unreadable_lines_total')).toBeGreaterThanOrEqual(4);
  expect(sum(page, 'ccmeter_exporter_read_errors_total')).toBeGreaterThanOrEqual(1);

  const exporter = await startExporter(['--claude-dir', claude(), '--state-dir', join(directory, 'state'), '--log-level', 'silent']);
  const status = () => getJson<Status>(`${exporter.url}/-/status`);
  const { tokens } = await until(status, ({ phase }) => phase === 'ready');
  expect(tokens).toBe(responses * 10);
  // It goes on being watched.
  appendFileSync(
    join(claude(), 'projects', 'a\nb"c\\d{}', `${uuid(2)}.jsonl`),
    transcript([assistantLine({ messageId: 'msg_01MORE', usage: { output: 7 } })]),
  );
  await until(status, ({ tokens: counted }) => counted === responses * 10 + 7);
  await exporter.stop();
  close();
});

/** So many lines that are not what they should be: enough for every day, or as many as somebody wants to try. */
const MUTATIONS = Number(process.env.CCMETER_TEST_MUTATIONS ?? 50_000);

test(
  `${MUTATIONS.toLocaleString('en')} mutated lines are read without one mistake of ours`,
  async () => {
    const random = createRandom(MUTATIONS);
    const lines = seedLines();
    const project = join(claude(), 'projects', '-p');
    mkdirSync(project, { recursive: true });
    const AT_ONCE = 25_000;
    for (let done = 0; done < MUTATIONS; done += AT_ONCE) {
      const count = Math.min(AT_ONCE, MUTATIONS - done);
      const mutated = Array.from({ length: count }, () => mutate(random.pick(lines), random.pick(lines), random));
      writeFileSync(join(project, `${uuid(done)}.jsonl`), Buffer.concat(mutated.flatMap((line) => [line, Buffer.from('\n')])));
      const { book, health, facts } = scanOnce([claude()], Date.now(), () => {});
      expect(health.value('ccmeter_exporter_lines_total', {})).toBe(count);
      expect(health.points('ccmeter_exporter_read_errors_total')).toEqual([]);
      expect(facts.length).toBeGreaterThan(0);
      for (const { metric, value } of book.all()) expect(Number.isSafeInteger(value) && value >= 0, `${metric} ${value}`).toBe(true);
      rmSync(join(project, `${uuid(done)}.jsonl`));
    }
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(Object.keys(Object.prototype)).toEqual([]);
  },
  60_000 + MUTATIONS * 2,
);

test('mutated lines pass through the ledger as well, and it stays in balance', async () => {
  const bench = new Workbench();
  const random = createRandom(3);
  const lines = seedLines();
  const path = join(bench.claude, 'projects', '-p', `${uuid(1)}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  for (let round = 0; round < 4; round++) {
    for (let line = 0; line < 2000; line++)
      appendFileSync(path, Buffer.concat([mutate(random.pick(lines), random.pick(lines), random), Buffer.from('\n')]));
    const { repairs } = await bench.run({ nowMs: Date.now() });
    expect(repairs).toEqual([]);
  }
  // Not closed as it should have been: all of it is looked through.
  rmSync(bench.place.totals);
  expect(await bench.run({ nowMs: Date.now() })).toMatchObject({ repairs: [] });
  bench.close();
});

/** Lines of every kind: made-up conversations and all cases. */
function seedLines(): [Buffer, ...Buffer[]] {
  const seeds = join(directory, 'seeds');
  writeHistory(seeds, Date.now(), createRandom(2), 4);
  const trees = [seeds, join(import.meta.dirname, '..', 'fixtures', 'transcripts')];
  const lines = trees
    .flatMap((tree) => readTree(tree).flatMap(({ bytes }) => bytes.toString('latin1').split('\n')))
    .filter((line) => line !== '');
  const [first = '', ...rest] = [...new Set(lines)];
  return [Buffer.from(first, 'latin1'), ...rest.map((line) => Buffer.from(line, 'latin1'))];
}

/** Bytes of a line that nobody can want. The file has holes, so nothing of it is on the disk. */
const LINE_BYTES = Number(process.env.CCMETER_TEST_LINE_BYTES ?? 200_000_000);

test(`a line of ${LINE_BYTES.toLocaleString('en')} bytes is passed over in little memory`, async () => {
  const path = join(claude(), 'projects', '-p', `${uuid(1)}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  write(path, 'BEFORE');
  const begin = readFileSync(path).length;
  truncateSync(path, begin + LINE_BYTES);
  const fd = openSync(path, 'r+');
  writeSync(fd, `\n${transcript([assistantLine({ messageId: 'msg_01AFTER', usage: { output: 5 } })])}`, begin + LINE_BYTES);
  closeSync(fd);
  const page = await once();
  expect(sum(page, 'ccmeter_tokens_total', 'kind="output"')).toBe(15);
  expect(sum(page, 'ccmeter_exporter_unreadable_lines_total', 'reason="oversized"')).toBe(1);
  const { megabytes } = await measure(process.execPath, [MAIN, 'once', '--claude-dir', claude()]);
  // Lines are read up to 64 MB; whatever is beyond takes no more memory, however much it is.
  if (megabytes !== undefined) expect(megabytes).toBeLessThan(400);
}, 120_000);

test('labels of hostile text stay on their line of the page', async () => {
  const path = join(claude(), 'projects', '-p', `${uuid(1)}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  const model = 'a"} 1\nccmeter_tokens_total{x="\\';
  writeFileSync(path, transcript([assistantLine({ messageId: 'msg_01X', model, context: { cwd: `/x/${model}` }, usage: { output: 10 } })]));
  const page = await once();
  expect(sum(page, 'ccmeter_tokens_total', 'kind="output"')).toBe(10);
  for (const line of page.split('\n')) {
    const name = /^(\w+?)(?:_bucket|_sum|_count)?[{ ]/.exec(line)?.[1];
    if (!line.startsWith('#') && name !== undefined) expect(Object.keys(metrics)).toContain(name);
  }
});
