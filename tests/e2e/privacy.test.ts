import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { getJson, type Status, until } from '../tools/parts.ts';
import { needs, pathOf } from '../tools/tools.ts';

/**
 * Every word that is not the catalogue's business is replaced by a word that occurs nowhere else; the exporter runs; then every byte
 * that left it (the page, events, remote write, its log) or that it keeps (the ledger) is searched for those words.
 */

const MAIN = join(import.meta.dirname, '..', '..', 'exporter', 'src', 'main.ts');
const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'transcripts');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-privacy-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Fields whose text the catalogue may show, or that only name and order things. */
const KEPT = new Set(
  `type subtype id uuid parentUuid sessionId requestId messageId timestamp version model role stop_reason userType gitBranch agentId
  tool_use_id name subagent_type skill speed service_tier error isSidechain agentType status`.split(/\s+/),
);

/** Replaces words and remembers them. */
function createPlanter(random: Random) {
  const words: string[] = [];
  const word = () => {
    const made = `q${random.text(15, 'abcdefghijklmnopqrstuvwxyz')}`;
    words.push(made);
    return made;
  };
  /** Commands and results keep their shape, so that what reads them has something to read. */
  const replace = (key: string, text: string): string => {
    if (key === 'cwd') return `/${word()}/${word()}/${text.split(/[/\\]/).at(-1) || 'root'}`;
    if (key === 'file_path' || key === 'filePath') return `/${word()}/${word()}${/\.\w+$/.exec(text)?.[0] ?? ''}`;
    if (key === 'command') return `git commit -m ${word()}; gh pr create --title ${word()}`;
    if (key === 'stdout') return `[${word()} 1a2b3c4] ${word()}\nhttps://${word()}.example/pull/7`;
    if (/^[<[]/.test(text)) return `${text.slice(0, 12)}${word()}`;
    return `${word()} ${word()}`;
  };
  const plant = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return KEPT.has(key) ? value : replace(key, value);
    if (Array.isArray(value)) return value.map((item) => plant(item, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plant(item, name)]));
  };
  return { words, plant: (text: string) => JSON.stringify(plant(JSON.parse(text), '')) };
}

/** Copies transcripts with their words replaced, and gives back the words. */
function plantAll(from: string, to: string, limitBytes: number): string[] {
  const planter = createPlanter(createRandom(11));
  let bytes = 0;
  for (const path of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.jsonl') || !path.includes('projects') || bytes > limitBytes) continue;
    const lines = readFileSync(join(from, path), 'utf8').split('\n');
    bytes += statSync(join(from, path)).size;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), lines.map((line) => (isObject(line) ? planter.plant(line) : line)).join('\n'));
  }
  return planter.words;
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

/** A server that takes everything and keeps it. */
async function startSink(): Promise<{ url: string; received: Buffer[]; server: Server }> {
  const received: Buffer[] = [];
  const server = createServer(async (request, response) => {
    received.push(Buffer.from(JSON.stringify([request.url, request.headers])));
    for await (const chunk of request) received.push(chunk);
    response.writeHead(202).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, server };
}

/** All bytes that the exporter sends, shows, logs and keeps for these transcripts. */
async function everyByte(claudeDir: string): Promise<Buffer> {
  const sink = await startSink();
  const stateDir = join(directory, 'state');
  const addresses = ['--events-url', `${sink.url}/events`, '--remote-write-url', `${sink.url}/write`];
  const args = ['run', '--port', '0', '--log-level', 'trace', '--claude-dir', claudeDir, '--state-dir', stateDir, ...addresses];
  const exporter = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  for (const output of [exporter.stdout, exporter.stderr]) output?.on('data', (chunk: Buffer) => sink.received.push(chunk));
  const [{ url }] = (await once(exporter, 'message')) as [{ url: string }];
  await until(
    () => getJson<Status>(`${url}/-/status`),
    ({ phase, outboxEvents, pendingSamples }) => phase === 'ready' && outboxEvents === 0 && pendingSamples === 0,
  );
  for (const path of ['/metrics', '/metrics/claude-code']) sink.received.push(Buffer.from(await (await fetch(url + path)).text()));
  exporter.kill();
  await once(exporter, 'exit');
  sink.server.close();
  const kept = readdirSync(stateDir).map((name) => readFileSync(join(stateDir, name)));
  return Buffer.concat([...sink.received, ...kept]);
}

/** A planted word, and the same in hex. */
const PLANTED = /q[a-z]{15}/g;
const PLANTED_HEX = /71(?:6[1-9a-f]|7[0-9a]){15}/g;
const BASE64 = /[A-Za-z0-9+/]{22,}/g;

/** Planted words that are found as they are, as hex, or inside base64 at any alignment. */
function leaks(bytes: Buffer, words: readonly string[]): string[] {
  const text = bytes.toString('latin1');
  const decoded = [...text.matchAll(PLANTED_HEX)].map(([hex]) => Buffer.from(hex, 'hex').toString('latin1'));
  for (const [run] of text.matchAll(BASE64)) {
    for (const from of [0, 1, 2, 3]) decoded.push(Buffer.from(run.slice(from), 'base64').toString('latin1'));
  }
  const seen = new Set([text, ...decoded].flatMap((part) => part.match(PLANTED) ?? []));
  return words.filter((word) => seen.has(word));
}

async function compare(from: string, limitBytes: number): Promise<void> {
  const claudeDir = join(directory, 'claude');
  const words = plantAll(from, claudeDir, limitBytes);
  expect(words.length).toBeGreaterThan(100);
  const bytes = await everyByte(claudeDir);
  expect(bytes.includes('ccmeter_tokens_total')).toBe(true);
  expect(leaks(bytes, words)).toEqual([]);
}

describe('no word of a prompt, an answer, a path, a command or a tool’s input leaves the machine or is kept', () => {
  test('on the fixtures', async () => {
    await compare(FIXTURES, 1e9);
  });

  test('on made-up transcripts', async () => {
    writeHistory(join(directory, 'history'), Date.now(), createRandom(2), 10);
    await compare(join(directory, 'history'), 1e9);
  });

  test('on real transcripts', needs('corpus'), async () => {
    await compare(pathOf('corpus'), 10e6);
  });
});
