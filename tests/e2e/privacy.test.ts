import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { messageOf, readWriteRequest, startCollector } from '../../exporter/src/meter/testing.ts';
import { getJson, type Status, until } from '../tools/parts.ts';
import { createVocabulary, findPlanted, type Planting, plantAll, type Vocabulary } from '../tools/planting.ts';
import { needs, pathOf } from '../tools/tools.ts';

/**
 * Every word that somebody wrote is replaced by one that occurs nowhere else; the exporter runs; then every byte that left it (both pages,
 * OTLP, remote write, events, its log) or that it keeps (the ledger) is searched for those words, in the usual encodings.
 */

const MAIN = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');
const FIXTURES = join(import.meta.dirname, '..', 'fixtures');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-privacy-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A server that takes everything and keeps it. */
async function startSink(): Promise<{ url: string; received: { path: string; headers: string; body: Buffer }[]; server: Server }> {
  const received: { path: string; headers: string; body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ path: request.url ?? '', headers: JSON.stringify(request.headers), body: Buffer.concat(chunks) });
    response.writeHead(202).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, server };
}

/** Everything that a run of the exporter lets out, by the way that it goes, and what it keeps. */
interface Outcome {
  pages: Buffer;
  events: Buffer;
  remoteWrite: Buffer;
  otlp: Buffer;
  log: Buffer;
  kept: Buffer;
}

/** Runs the exporter on these files until everything is counted, written and sent. */
async function runExporter(claudeDir: string, options: readonly string[] = []): Promise<Outcome> {
  const sink = await startSink();
  const collector = await startCollector();
  const stateDir = join(directory, 'state');
  const addresses = ['--events-url', `${sink.url}/events`, '--remote-write-url', `${sink.url}/write`];
  const args = ['run', '--port', '0', '--log-level', 'trace', '--claude-dir', claudeDir, '--state-dir', stateDir, ...addresses, ...options];
  const log: Buffer[] = [];
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const exporter = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env });
  for (const output of [exporter.stdout, exporter.stderr]) output?.on('data', (chunk: Buffer) => log.push(chunk));
  const [{ url }] = (await once(exporter, 'message')) as [{ url: string }];
  await until(
    () => getJson<Status>(`${url}/-/status`),
    ({ phase, outboxEvents, pendingSamples }) => phase === 'ready' && outboxEvents === 0 && pendingSamples === 0,
    250_000,
  );
  const pages: Buffer[] = [];
  for (const path of ['/metrics', '/metrics/claude-code', '/-/status', '/'])
    for (const accept of ['text/plain', 'application/openmetrics-text'])
      pages.push(Buffer.from(await (await fetch(url + path, { headers: { accept } })).arrayBuffer()));
  exporter.kill();
  await once(exporter, 'exit');
  sink.server.close();
  collector.close();
  const sent = (path: string) => sink.received.filter((request) => request.path === path);
  const raw = (path: string) => sent(path).flatMap(({ headers, body }) => [Buffer.from(headers), body]);
  return {
    pages: Buffer.concat(pages),
    events: Buffer.concat(raw('/events')),
    // As it went, and as whoever takes it reads it.
    remoteWrite: Buffer.concat([...raw('/write'), Buffer.from(JSON.stringify(sent('/write').map(({ body }) => readWriteRequest(body))))]),
    otlp: Buffer.concat(collector.requests.flatMap(({ headers, body }) => [Buffer.from(JSON.stringify(headers)), body, messageOf(body)])),
    log: Buffer.concat(log),
    kept: Buffer.concat(readdirSync(stateDir).map((name) => readFileSync(join(stateDir, name)))),
  };
}

/** What was planted and came out, by the way that it went; of the ledger only what it may not have either. */
function leaksOf(outcome: Outcome, { text, folder, name }: Planting): Record<string, unknown> {
  const { kept, ...out } = outcome;
  const search = (vocabulary: Vocabulary | undefined, bytes: Partial<Outcome>) =>
    vocabulary === undefined ? {} : searchFor(vocabulary, bytes);
  return { ...search(text, outcome), ...search(folder, out), ...search(name, out) };
}

function searchFor(vocabulary: Vocabulary, outcome: Partial<Outcome>): Record<string, unknown> {
  const found = Object.entries(outcome).map(([way, bytes]) => [way, findPlanted(bytes, vocabulary)] as const);
  return Object.fromEntries(found.filter(([, leaks]) => leaks.length > 0));
}

/** There was something to search, wherever it was searched. */
function expectSomethingOf({ pages, events, remoteWrite, otlp, log, kept }: Outcome): void {
  for (const text of ['ccmeter_tokens_total', 'ccmeter_tool_calls_total', 'ccmeter_lines_total', 'claude_code_token_usage'])
    expect(pages.includes(text)).toBe(true);
  for (const type of ['"usage"', '"tool_call"', '"session"']) expect(events.includes(`"type":${type}`)).toBe(true);
  for (const bytes of [remoteWrite, otlp]) expect(bytes.includes('ccmeter_tokens_total')).toBe(true);
  expect(log.includes('ready')).toBe(true);
  expect(kept.includes('SQLite format 3')).toBe(true);
}

function plantingOf(names: boolean): Planting {
  const random = createRandom(11);
  return { text: createVocabulary(random), folder: createVocabulary(random), ...(names ? { name: createVocabulary(random) } : {}) };
}

const claudeDir = () => join(directory, 'claude');

test('what is planted is found again in every form', () => {
  const vocabulary = createVocabulary(createRandom(3));
  const word = Array.from({ length: 5000 }, () => vocabulary.word()).at(-1) ?? '';
  const forms = {
    'as it is': word,
    cut: word.slice(0, 12),
    capitals: word.toUpperCase(),
    hex: Buffer.from(word).toString('hex'),
    'URL-escaped': Buffer.from(word).toString('hex').replace(/../g, '%$&'),
    'base64, first': Buffer.from(word).toString('base64'),
    'base64, second': Buffer.from(`x${word}`).toString('base64'),
    'base64, third': Buffer.from(`xy${word} and more`).toString('base64url'),
  };
  for (const [form, text] of Object.entries(forms))
    expect(findPlanted(Buffer.from(`before ${text} after`), vocabulary).length, form).toBeGreaterThan(0);
  expect(findPlanted(Buffer.from(`before ${word.slice(0, 9)} after ${createRandom(4).text(100_000)}`), vocabulary)).toEqual([]);
});

describe('no word of a prompt, an answer, a path, a command or a tool’s input leaves the machine or is kept', () => {
  test('on the fixtures', async () => {
    const planting = plantingOf(false);
    plantAll(FIXTURES, claudeDir(), planting);
    const outcome = await runExporter(claudeDir());
    expectSomethingOf(outcome);
    expect(leaksOf(outcome, planting)).toEqual({});
  });

  test('on made-up transcripts', async () => {
    writeHistory(join(directory, 'history'), Date.now(), createRandom(2), 10);
    const planting = plantingOf(false);
    plantAll(join(directory, 'history'), claudeDir(), planting);
    const outcome = await runExporter(claudeDir());
    expectSomethingOf(outcome);
    expect(leaksOf(outcome, planting)).toEqual({});
  });

  test('on real transcripts, all of them', { ...needs('corpus'), timeout: 300_000 }, async () => {
    const planting = plantingOf(false);
    plantAll(pathOf('corpus'), claudeDir(), planting);
    const outcome = await runExporter(claudeDir());
    expectSomethingOf(outcome);
    expect(leaksOf(outcome, planting)).toEqual({});
  });
});

describe('no project, branch or tool of an MCP server leaves the machine', () => {
  test.each(['hash', 'none'])('where projects are shown by %s', async (how) => {
    const planting = plantingOf(true);
    plantAll(FIXTURES, join(claudeDir(), 'fixtures'), planting);
    writeHistory(join(directory, 'history'), Date.now(), createRandom(2), 5);
    plantAll(join(directory, 'history'), join(claudeDir(), 'history'), planting);
    const outcome = await runExporter(claudeDir(), ['--project-names', how]);
    expectSomethingOf(outcome);
    expect(leaksOf(outcome, planting)).toEqual({});
    // What is inside bears its own names.
    expect(findPlanted(outcome.kept, planting.name ?? planting.text, 1).length).toBe(1);
  });

  test('and by name they do, as far as they are allowed', async () => {
    const planting = plantingOf(true);
    plantAll(FIXTURES, claudeDir(), planting);
    const { pages, events } = await runExporter(claudeDir());
    for (const bytes of [pages, events]) expect(findPlanted(bytes, planting.name ?? planting.text, 1).length).toBe(1);
    expect(pages.includes('tool="mcp"')).toBe(true);
    expect(pages.includes('mcp__')).toBe(false);
  });
});
