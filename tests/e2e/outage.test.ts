import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimPort } from '../../deploy/local/processes.ts';
import { assistantLine, transcript, userLine } from '../fixtures/lines.ts';
import { getJson, type Part, type Status, startApi, startExporter, until } from '../tools/parts.ts';

/** Both sides as processes, each killed while the other goes on and lines are being written. `tests/contract/outage.test.ts` has the long outage. */

const SESSIONS = ['5e551011-0000-4000-a000-000000000301', '5e551011-0000-4000-a000-000000000302'];
const directory = mkdtempSync(join(tmpdir(), 'ccmeter-outage-'));
const claudeDir = join(directory, 'claude');
const fileOf = (sessionId: string) => join(claudeDir, 'projects', '-home-someone-code-harbour', `${sessionId}.jsonl`);

let port: string;
let exporterPort: string;
let written = 0;
let api: Part;
let exporter: Part;

const startOurApi = () => startApi(['--port', port, '--state-dir', join(directory, 'api'), '--prometheus-url', 'http://127.0.0.1:1']);
const startOurExporter = () =>
  startExporter([
    ...['--port', exporterPort, '--claude-dir', claudeDir, '--state-dir', join(directory, 'exporter')],
    ...['--events-url', `http://127.0.0.1:${port}/events`],
  ]);

const begunMs = Date.now() - 60_000;

/** A response in each session, each a tenth of a second after the one before, with as many output tokens as its number says. */
function work(): void {
  written += 1;
  const timestamp = new Date(begunMs + written * 100).toISOString();
  for (const sessionId of SESSIONS) {
    const line = assistantLine({ context: { sessionId }, timestamp, usage: { output: written } });
    appendFileSync(fileOf(sessionId), transcript([line]));
  }
}

beforeAll(async () => {
  port = String(await claimPort('port', 0));
  exporterPort = String(await claimPort('port', 0));
  for (const sessionId of SESSIONS) {
    mkdirSync(dirname(fileOf(sessionId)), { recursive: true });
    appendFileSync(fileOf(sessionId), transcript([userLine({ context: { sessionId } })]));
  }
  [api, exporter] = await Promise.all([startOurApi(), startOurExporter()]);
});

afterAll(async () => {
  await Promise.all([exporter.stop(), api.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

interface Listed {
  events: { seq: number; event: { id: string; payload: { sessionId: string; outputTokens: number } } }[];
}

const usageEvents = async () =>
  (await getJson<Listed>(`${api.url}/api/events?type=usage&limit=1000`)).events.toSorted((a, b) => a.seq - b.seq);

test('whichever side is killed, every response arrives once, in order in each session', async () => {
  for (let round = 0; round < 3; round += 1) {
    for (let count = 0; count < 20; count += 1) work();
    await until(usageEvents, ({ length }) => length > 0);
    await api.kill();
    for (let count = 0; count < 20; count += 1) work();
    const waiting = () => getJson<Status>(`${exporter.url}/-/status`);
    await until(waiting, ({ outboxEvents }) => outboxEvents > 0);
    if (round === 1) {
      await exporter.kill();
      work();
      exporter = await startOurExporter();
    }
    api = await startOurApi();
    await until(usageEvents, ({ length }) => length >= written * SESSIONS.length);
  }
  const events = await usageEvents();
  expect(events).toHaveLength(written * SESSIONS.length);
  expect(new Set(events.map(({ event }) => event.id)).size).toBe(events.length);
  for (const sessionId of SESSIONS) {
    const told = events.filter(({ event }) => event.payload.sessionId === sessionId).map(({ event }) => event.payload.outputTokens);
    expect(told).toEqual(Array.from({ length: written }, (_, index) => index + 1));
    const { session } = await getJson<{ session: { requests: number; tokens: number } }>(`${api.url}/api/sessions/${sessionId}`);
    expect(session).toMatchObject({ requests: written, tokens: (written * (written + 1)) / 2 });
  }
});
