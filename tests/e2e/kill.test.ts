import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRandom, type Random } from '../../deploy/local/demo/random.ts';
import type { Event } from '../../exporter/src/contract/index.ts';
import { Health } from '../../exporter/src/health.ts';
import { Ledger } from '../../exporter/src/ledger/ledger.ts';
import { createLog } from '../../exporter/src/log.ts';
import { createLocalTime, systemTimeZone } from '../../exporter/src/meter/local-time.ts';
import { Scanner } from '../../exporter/src/scan.ts';
import { Grower } from '../tools/grower.ts';
import { readLedger } from '../tools/ledger.ts';
import { getJson, type Status, startExporter, until } from '../tools/parts.ts';
import { knowledge, totalsOf } from '../tools/replay.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');

/** How often the exporter is killed: some seconds' worth, or as often as somebody wants to know. */
const ROUNDS = Number(process.env.CCMETER_TEST_KILL_ROUNDS ?? 24);

/** Lines that are written in each round. */
const LINES = 40;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-kill-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const claude = () => join(directory, 'claude');
const state = () => join(directory, 'state');
const options = () => ['--claude-dir', claude(), '--state-dir', state()];

/** Starts an exporter while transcripts grow, and kills it at a random moment: while it starts, while it reads, or while it counts. */
async function killOnce(grower: Grower, random: Random): Promise<void> {
  const exporter = fork(MAIN, ['run', '--port', '0', '--log-level', 'silent', ...options()], { stdio: 'ignore' });
  const gone = once(exporter, 'exit');
  const growing = growLines(grower, random);
  if (random.next() < 0.75) await Promise.race([once(exporter, 'message'), gone]);
  await sleep(random.next() ** 2 * 400);
  exporter.kill('SIGKILL');
  const [, signal] = await gone;
  expect(signal).toBe('SIGKILL');
  await growing;
}

async function growLines(grower: Grower, random: Random): Promise<void> {
  for (let line = 0; line < LINES; line++) {
    grower.grow();
    if (random.next() < 0.5) await sleep(random.whole(0, 15));
  }
}

/** What one exporter that was never killed counts and tells of the same files. */
async function countAtOnce(): Promise<{ totals: Record<string, number>; events: Event[] }> {
  const ledger = new Ledger(join(directory, 'at-once'), 'laptop', createLocalTime(systemTimeZone()));
  const scanner = new Scanner({ claudeDirs: [claude()], ledger, health: new Health(0), log: createLog('silent'), now: Date.now });
  await scanner.sweep();
  const totals = totalsOf(ledger.book);
  const events = ledger.outbox(1_000_000).map(({ body }): Event => JSON.parse(body));
  await scanner.close();
  ledger.close();
  return { totals, events };
}

/**
 * What depends on when somebody looked: that something is over, or was left unfinished; and times, since a line that is written in the very
 * millisecond in which it is read is not believed to be later than the look.
 */
const NOTICED =
  /^ccmeter_(?:session_duration_seconds|unfinished_requests_total|todos_abandoned_total|active_seconds_total|tool_duration_seconds)/;
const stable = (totals: Record<string, number>) => Object.fromEntries(Object.entries(totals).filter(([name]) => !NOTICED.test(name)));
/** Of a line that was copied it is said for the session whose copy was seen first, and that is kept. */
const stableEvents = (events: readonly Event[]) =>
  knowledge(events, ['sessionId', 'durationSeconds', 'timestamp']).filter((text) => !text.startsWith('todo_abandonment'));

const sessionsStarted = (events: readonly Event[]) =>
  [...new Set(events.flatMap(({ type, payload }) => (type === 'session' && payload.action === 'started' ? payload.sessionId : [])))].sort();

test(
  `killed ${ROUNDS} times at random moments while transcripts grow, it counts everything once and tells everything once`,
  async () => {
    mkdirSync(claude());
    const random = createRandom(ROUNDS);
    const grower = new Grower(claude(), random);
    for (let round = 0; round < ROUNDS; round++) await killOnce(grower, random);
    grower.finish();

    const exporter = await startExporter([...options(), '--host', 'laptop']);
    await until(
      () => getJson<Status>(`${exporter.url}/-/status`),
      ({ phase }) => phase === 'ready',
    );
    await exporter.stop();
    const atOnce = await countAtOnce();

    const ledger = new Ledger(state(), 'laptop');
    expect(ledger.repairs).toEqual([]);
    expect(stable(totalsOf(ledger.book))).toEqual(stable(atOnce.totals));
    const events = ledger.outbox(1_000_000).map(({ body }): Event => JSON.parse(body));
    ledger.close();
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(stableEvents(events)).toEqual(stableEvents(atOnce.events));
    expect(sessionsStarted(events)).toEqual(sessionsStarted(atOnce.events));

    // The change log tells the same: what is added up over all time is the total.
    const log = readLedger(state());
    for (const metric of ['ccmeter_tokens_total', 'ccmeter_cost_usd_total', 'ccmeter_requests_total', 'ccmeter_tool_calls_total']) {
      expect(log.added(metric, 0, Date.now() + 60_000), metric).toBe(log.total(metric));
    }
    const samples = readSamples();
    expect(samples.length).toBeGreaterThan(100);
    expect(samples).toEqual([...new Set(samples)].sort((a, b) => a - b));
  },
  120_000 + ROUNDS * 5000,
);

function readSamples(): number[] {
  const database = new DatabaseSync(join(state(), 'ledger.db'), { readOnly: true });
  const seqs = database.prepare('SELECT seq FROM samples ORDER BY rowid').all();
  database.close();
  return seqs.map(({ seq }) => Number(seq));
}
