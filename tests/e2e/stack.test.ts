import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../deploy/local/demo/random.ts';
import { writeHistory } from '../../deploy/local/demo/tree.ts';
import { commandLineOf, isAlive, isGone } from '../../deploy/local/processes.ts';
import { assistantLine, transcript, userLine } from '../fixtures/lines.ts';
import { type Program, startProgram } from '../tools/program.ts';
import { needs, pathOf } from '../tools/tools.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FREE_PORTS = ['--port', '0', '--exporter-port', '0', '--prometheus-port', '0', '--no-open'];
const RUNS = /Ctrl-C stops everything/;
const PATIENCE_MS = 30_000;

let home: string;
const started: Program[] = [];

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'ccmeter-stack-'));
});

afterEach(async () => {
  for (const program of started.splice(0)) {
    program.kill('SIGTERM');
    await program.ended;
  }
});

afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

/** `npm start` for somebody with an empty home and a Prometheus on the PATH. */
function start(name: string, ...args: string[]): Program {
  const environment = {
    PATH: [dirname(pathOf('prometheus')), process.env.PATH ?? ''].join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
  };
  const program = startProgram(
    process.execPath,
    [join(ROOT, 'deploy/local/main.js'), 'start', '--state-dir', stateOf(name), ...FREE_PORTS, ...args],
    environment,
  );
  started.push(program);
  return program;
}

function stateOf(name: string): string {
  return join(home, 'state', name);
}

function makeClaudeDir(name: string): string {
  const directory = join(home, name);
  writeHistory(directory, Date.now(), createRandom(3), 10);
  return directory;
}

interface Running {
  url: string;
  processes: number[];
}

function runningOn(name: string): Running {
  return JSON.parse(readFileSync(join(stateOf(name), 'stack.json'), 'utf8')) as Running;
}

function prometheusPid(name: string): number {
  return Number(readFileSync(join(stateOf(name), 'prometheus', 'prometheus.pid'), 'utf8'));
}

async function totalOf(url: string, question: string): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  const response = await fetch(`${url}/api/panels/${question}?start=${now - 40 * 86_400}&end=${now}`);
  const answer = (await response.json()) as { series: { value: number }[] };
  return answer.series.reduce((sum, { value }) => sum + value, 0);
}

describe('npm start', needs('prometheus'), () => {
  test('runs until Ctrl-C, answers with what it found, and leaves no process', async () => {
    const stack = start('whole', '--claude-dir', makeClaudeDir('whole-claude'));
    await stack.untilSaid(RUNS);
    const [, sessions] = await stack.untilSaid(/(\d+) sessions?, [\d.]+ [kMB] tokens, since \d{4}-\d{2}-\d{2}/);
    expect(stack.said()).toContain('History is in Prometheus');
    const { url, processes } = runningOn('whole');
    expect(stack.said()).toContain(url);
    expect(await totalOf(url, 'sessions')).toBe(Number(sessions));
    expect(processes).toHaveLength(4);

    stack.kill('SIGINT');
    expect(await stack.ended).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
  });

  test('a second start on the same state shows where the first one runs', async () => {
    const stack = start('twice', '--claude-dir', makeClaudeDir('twice-claude'));
    await stack.untilSaid(RUNS);
    const second = start('twice');
    expect(await second.ended).toBe(0);
    expect(second.said()).toContain('already runs');
    expect(second.said()).toContain(runningOn('twice').url);
  });

  test('brings Prometheus back when it dies, with all that was in it', async () => {
    const stack = start('revived', '--claude-dir', makeClaudeDir('revived-claude'));
    await stack.untilSaid(RUNS);
    const { url } = runningOn('revived');
    const before = await totalOf(url, 'tokens');
    const pid = prometheusPid('revived');
    process.kill(pid, 'SIGKILL');
    await stack.untilSaid(/Prometheus ended unexpectedly \(SIGKILL\)/);
    await stack.untilSaid(/Prometheus is back/);
    expect(prometheusPid('revived')).not.toBe(pid);
    expect(before).toBeGreaterThan(0);
    expect(await totalOf(url, 'tokens')).toBe(before);
  });

  test('when it is killed its parts leave, and the next start clears up what is left', async () => {
    const directory = makeClaudeDir('killed-claude');
    const first = start('killed', '--claude-dir', directory);
    await first.untilSaid(RUNS);
    const { processes } = runningOn('killed');
    const orphan = prometheusPid('killed');
    first.kill('SIGKILL');
    await first.ended;
    for (const pid of processes.filter((one) => one !== orphan)) expect(await isGone(pid, PATIENCE_MS)).toBe(true);
    expect(await commandLineOf(orphan)).toContain(stateOf('killed'));

    const second = start('killed', '--claude-dir', directory);
    await second.untilSaid(RUNS);
    expect(second.said()).toContain('Stopping the Prometheus that an earlier start left behind');
    expect(isAlive(orphan)).toBe(false);
    expect(await totalOf(runningOn('killed').url, 'sessions')).toBeGreaterThan(0);
  });

  test('says how to get data where there is none, and sees it when it comes', async () => {
    const stack = start('empty');
    await stack.untilSaid(RUNS);
    expect(stack.said()).toContain('No sessions of Claude Code');
    expect(stack.said()).toContain('npm run demo');

    const { url } = runningOn('empty');
    const stream = await fetch(`${url}/api/stream`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const project = join(home, '.claude', 'projects', '-home-someone-code-harbour');
    mkdirSync(project, { recursive: true });
    writeFileSync(
      join(project, '5e551011-0000-4000-a000-000000000001.jsonl'),
      transcript([userLine(), assistantLine({ usage: { input: 3, output: 40 } })]),
    );
    expect(await readUntil(stream, '"type":"usage"')).toContain('"outputTokens":40');
  });
});

async function readUntil(response: Response, wanted: string): Promise<string> {
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString('utf8');
    if (text.includes(wanted) && text.endsWith('\n\n')) return text;
  }
  throw new Error(`the stream ended without ${wanted}:\n${text}`);
}

describe('npm start refuses with a sentence', needs('prometheus'), () => {
  test('where a port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = String(typeof address === 'object' ? address?.port : 0);
    const stack = start('busy', '--port', port);
    expect(await stack.ended).toBe(1);
    expect(stack.said()).toMatch(new RegExp(`^Port ${port} is taken.* choose another port with --port\\.\n$`));
    server.close();
  });

  test('where a directory is not there', async () => {
    const stack = start('missing', '--claude-dir', '/nowhere/at/all');
    expect(await stack.ended).toBe(1);
    expect(stack.said()).toBe('--claude-dir /nowhere/at/all: there is no such directory\n');
  });

  test('where the state cannot be written', async () => {
    writeFileSync(join(home, 'a-file'), '');
    const stack = start('unused', '--state-dir', join(home, 'a-file', 'state'));
    expect(await stack.ended).toBe(1);
    expect(stack.said()).toMatch(/^--state-dir .*: cannot be written to .*\n$/);
  });

  test('where Prometheus does not come up, with the last it said', async () => {
    const state = stateOf('broken');
    mkdirSync(join(state, 'prometheus', 'data'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(state, 'prometheus', 'data', 'wal'));
    const stack = start('broken');
    expect(await stack.ended).toBe(1);
    expect(stack.said()).toMatch(/Prometheus did not start \(exit code \d+\)\./);
    expect(stack.said()).not.toContain('    at ');
  });
});
