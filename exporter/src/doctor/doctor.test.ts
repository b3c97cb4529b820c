import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { makeKey } from '../emit/sign.ts';
import { Ledger } from '../ledger/ledger.ts';
import { startCollector } from '../meter/testing.ts';
import type { Flags } from '../options.ts';
import { responseText, SESSION, temporaryDirectory } from '../testing.ts';
import { examine } from './examine.ts';
import type { Finding, Patient } from './finding.ts';
import { lookAtTranscripts, lookAtWatching } from './look-at-files.ts';
import { lookAtKey, lookAtLag, lookAtLedger } from './look-at-ledger.ts';
import { lookAtClocks, lookAtEvents, lookAtExporter, lookAtOtlp, lookAtRemoteWrite } from './look-at-sinks.ts';
import { listOptions, lookAtOptions } from './options-in-force.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');

let directory: string;
let closers: (() => void)[];
beforeEach(() => {
  const temporary = temporaryDirectory();
  directory = temporary.path;
  closers = [];
  return () => temporary[Symbol.dispose]();
});
afterEach(() => {
  for (const close of closers) close();
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name];
});

const claude = (...parts: string[]) => join(directory, 'claude', ...parts);
const state = (...parts: string[]) => join(directory, 'state', ...parts);

function patient(flags: Flags = {}, env: Record<string, string> = {}): Patient {
  mkdirSync(claude(), { recursive: true });
  const config = readConfig({ claudeDir: [claude()], stateDir: state(), host: 'laptop', ...flags }, { HOME: directory, ...env });
  return { config, env, fetch, now: () => NOW };
}

function transcript(): string {
  const path = claude('projects', '-p', `${SESSION}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${responseText()}\n`);
  return path;
}

/** A server that answers by path; anything else is 404. */
async function serve(routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void>): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    const answer = routes[request.url ?? ''];
    if (answer === undefined) response.writeHead(404).end('no such path');
    else answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answer =
  (status: number, body = '') =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(status).end(body);

/** An address at which nobody listens. */
async function nobody(): Promise<string> {
  const url = await serve({});
  closers.pop()?.();
  return url;
}

const says = (status: Finding['status'], found: string | RegExp, remedy?: string) => ({
  status,
  found: expect.stringMatching(found),
  remedy: remedy === undefined ? null : expect.stringContaining(remedy),
});

describe('transcripts', () => {
  test('are counted', async () => {
    transcript();
    expect(await lookAtTranscripts(patient())).toEqual(says('ok', /^1 transcript, \d+ bytes, in /));
  });

  test('are missed', async () => {
    expect(await lookAtTranscripts(patient())).toEqual(says('warning', 'No transcripts', '--claude-dir'));
    expect(await lookAtTranscripts(patient({ claudeDir: ['/nowhere/at/all'] }))).toEqual(says('failure', 'does not exist', '--claude-dir'));
  });

  test('are watched', async () => {
    transcript();
    expect(await lookAtWatching(patient())).toEqual(says('ok', 'as they happen'));
  });
});

describe('the ledger', () => {
  test('is not there yet', async () => {
    expect(await lookAtLedger(patient())).toEqual(says('ok', 'none yet'));
    expect(await lookAtLag(patient())).toEqual(says('unknown', 'Nothing has been read'));
  });

  test('is well, also while an exporter uses it', async () => {
    const ledger = new Ledger(state(), 'tower');
    expect(await lookAtLedger(patient())).toEqual(
      says('ok', /Schema \d+, .* 0 series, in use by an exporter, .* It keeps the host tower\.$/),
    );
    ledger.close();
    expect(await lookAtLedger(patient())).toEqual(says('ok', 'not in use'));
    // Asking has not left it locked.
    new Ledger(state(), 'tower').close();
  });

  test('was made by a later version', async () => {
    new Ledger(state(), 'laptop').close();
    const database = new DatabaseSync(state('ledger.db'));
    database.exec("UPDATE meta SET value = '999' WHERE key = 'schema_version'");
    database.close();
    expect(await lookAtLedger(patient())).toEqual(says('failure', 'schema 999', '--state-dir'));
  });

  test('is damaged', async () => {
    const ledger = new Ledger(state(), 'laptop');
    for (let at = 0; at < 500; at++) ledger.addFile(`/a/rather/long/name/of/a/file/${at}.jsonl`, { dev: 1, ino: at, offset: 0, tail: 0 });
    ledger.close();
    const bytes = readFileSync(state('ledger.db'));
    bytes.fill(0xa5, 8192, 4096 * 12);
    writeFileSync(state('ledger.db'), bytes);
    const { checks, status } = await examine(patient());
    expect(status).toBe('failure');
    expect(checks.find(({ id }) => id === 'ledger')).toMatchObject({ status: 'failure' });
  });

  test('can be read by others', async () => {
    new Ledger(state(), 'laptop').close();
    chmodSync(state(), 0o755);
    expect(await lookAtLedger(patient())).toEqual(says('warning', 'open to other users', 'chmod 700'));
  });

  test('is behind the files, or not', async () => {
    const path = transcript();
    const ledger = new Ledger(state(), 'laptop');
    expect(await lookAtLag(patient())).toEqual(says('warning', /bytes in 1 transcript are not read yet/, 'An exporter is at it'));
    ledger.addFile(path, { dev: 1, ino: 1, offset: readFileSync(path).length, tail: 0 });
    ledger.close();
    expect(await lookAtLag(patient())).toEqual(says('ok', 'Every byte of 1 known file'));
    writeFileSync(path, '{}\n');
    expect(await lookAtLag(patient())).toEqual(says('warning', 'shorter than what was read', 'Start the exporter'));
  });
});

describe('the key', () => {
  test('is not there yet, is well, is open to others', async () => {
    expect(await lookAtKey(patient())).toEqual(says('ok', 'none yet'));
    makeKey(state('key.pem'));
    expect(await lookAtKey(patient())).toEqual(says('ok', /^[\w+/]{43}= is its public half, from .*key\.pem\.$/));
    chmodSync(state('key.pem'), 0o644);
    expect(await lookAtKey(patient())).toEqual(says('failure', 'mode 0600', 'does not start'));
  });

  test('is given by the variable, well or not, and is not shown', async () => {
    const secret = Buffer.alloc(32, 7).toString('base64');
    expect(await lookAtKey(patient({}, { CCMETER_PRIVATE_KEY: secret }))).toEqual(says('ok', 'from CCMETER_PRIVATE_KEY'));
    const found = await lookAtKey(patient({}, { CCMETER_PRIVATE_KEY: `${secret}x` }));
    expect(found).toEqual(says('failure', 'holds no key', 'Take the variable away'));
    expect(JSON.stringify(found)).not.toContain(secret);
  });
});

describe('who is sent to', () => {
  test('an exporter answers, is busy, or is somebody else', async () => {
    const look = async (status: object) => {
      const url = await serve({ '/-/status': answer(200, JSON.stringify(status)) });
      return lookAtExporter(patient({ port: new URL(url).port }));
    };
    expect(await look({ phase: 'ready', pendingSamples: 3, outboxEvents: 0 })).toEqual(says('ok', 'nothing waits'));
    expect(await look({ phase: 'scanning', files: 9, filesRead: 4 })).toEqual(says('warning', '4 of 9', 'Wait'));
    expect(await look({ phase: 'ready', pendingSamples: 20_000 })).toEqual(says('warning', '20,000 samples wait', 'below'));
    expect(await look({})).toEqual(says('failure', 'is not the exporter', '--port'));
    expect(await lookAtExporter(patient({ port: new URL(await nobody()).port }))).toEqual(says('unknown', 'None answers'));
  });

  test('the API takes what is signed, or says why not', async () => {
    makeKey(state('key.pem'));
    const look = async (status: number) =>
      lookAtEvents(patient({ eventsUrl: `${await serve({ '/events': answer(status, 'why') })}/events` }));
    expect(await look(202)).toEqual(says('ok', 'takes what laptop signs'));
    expect(await look(401)).toEqual(says('failure', 'does not know the key', '--source-key laptop='));
    expect(await look(500)).toEqual(says('failure', '500: why', 'log of the query API'));
    expect(await lookAtEvents(patient({ eventsUrl: await serve({}) }))).toEqual(says('failure', 'takes no events', '/events'));
    expect(await lookAtEvents(patient({ eventsUrl: await nobody() }))).toEqual(says('failure', 'Nothing answers', '--events-url'));
    expect(await lookAtEvents(patient())).toEqual(says('unknown', 'No --events-url'));
  });

  test('the database takes samples, late ones too, or says why not', async () => {
    const look = async (status: number, yaml?: string) => {
      const config = yaml === undefined ? {} : { '/api/v1/status/config': answer(200, JSON.stringify({ data: { yaml } })) };
      return lookAtRemoteWrite(patient({ remoteWriteUrl: `${await serve({ '/api/v1/write': answer(status), ...config })}/api/v1/write` }));
    };
    expect(await look(204)).toEqual(says('ok', 'takes samples'));
    expect(await look(204, 'out_of_order_time_window: 520w')).toEqual(says('ok', 'up to 520w late'));
    expect(await look(204, 'global: {}')).toEqual(says('warning', 'none that are late', 'out_of_order_time_window'));
    expect(await look(404)).toEqual(says('failure', '404', '--web.enable-remote-write-receiver'));
    expect(await look(401)).toEqual(says('failure', '401', 'CCMETER_REMOTE_WRITE_HEADERS'));
    expect(await lookAtRemoteWrite(patient({ remoteWriteUrl: await nobody() }))).toEqual(says('failure', 'ECONNREFUSED', 'Start it'));
  });

  test('the collector takes OTLP, or says why not', async () => {
    const collector = await startCollector();
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
    expect(await lookAtOtlp(patient({}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }))).toEqual(says('ok', 'takes metrics'));
    expect(collector.requests.length).toBe(1);
    collector.close();
    expect(await lookAtOtlp(patient({}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }))).toEqual(says('failure', collector.url, '4317'));
    expect(await lookAtOtlp(patient({}, { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }))).toEqual(
      says('failure', 'http/json', 'variable'),
    );
    expect(await lookAtOtlp(patient())).toEqual(says('unknown', 'nothing is sent'));
  }, 30_000);

  test.each([
    [0, 'ok', 'agree'],
    [20, 'warning', 'is 20 s ahead of ours'],
    [-600, 'failure', 'is 600 s behind ours'],
  ] as const)('a clock that is %i s off', async (seconds, status, found) => {
    const date = new Date(NOW + seconds * 1000).toUTCString();
    const url = await serve({ '/': (_, response) => void response.writeHead(404, { date }).end() });
    // The header has no more than seconds, so half of one is the best guess.
    const asked = { ...patient({ eventsUrl: `${url}/events` }), now: () => NOW + 500 };
    expect(await lookAtClocks(asked)).toEqual(says(status, found, status === 'ok' ? undefined : 'NTP'));
  });
});

describe('options', () => {
  test('are shown with where they come from, and secrets are not', async () => {
    const env = {
      CCMETER_HOST: 'laptop',
      CCMETER_REMOTE_WRITE_URL: 'https://x.example/write?token=secret',
      CCMETER_REMOTE_WRITE_HEADERS: 'authorization=secret',
      CCMETER_PRIVATE_KEY: 'secret',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'a=secret',
      OTEL_SERVICE_NAME: 'mine',
      SOMETHING_ELSE: 'secret',
    };
    const list = listOptions({ port: '1' }, env);
    expect(JSON.stringify(list)).not.toContain('secret');
    expect(list).toEqual(
      expect.arrayContaining([
        { name: '--port', value: '1', from: '--port' },
        { name: '--host', value: 'laptop', from: 'CCMETER_HOST' },
        { name: '--log-level', value: 'info', from: 'default' },
        { name: '--remote-write-url', value: 'https://x.example/write?(not shown)', from: 'CCMETER_REMOTE_WRITE_URL' },
        { name: 'CCMETER_PRIVATE_KEY', value: '(not shown)', from: 'variable' },
        { name: 'OTEL_EXPORTER_OTLP_METRICS_HEADERS', value: '(not shown)', from: 'variable' },
        { name: 'OTEL_SERVICE_NAME', value: 'mine', from: 'variable' },
      ]),
    );
  });

  test('that do not exist are noticed', async () => {
    expect(await lookAtOptions(patient({}, { CCMETER_PORT: '0' }))).toEqual(says('ok', '1 variable of ours'));
    expect(await lookAtOptions(patient({}, { CCMETER_STATEDIR: '/x' }))).toEqual(says('warning', 'CCMETER_STATEDIR', 'CCMETER_STATE_DIR'));
  });
});
