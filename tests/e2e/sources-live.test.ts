import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assistantLine, transcript, userLine } from '../fixtures/lines.ts';
import { getJson, type Part, type Status, startExporter, until } from '../tools/parts.ts';

const SESSION = '5e551011-0000-4000-a000-000000000001';

/** Well below the time between two sweeps, so that only watching can have told. */
const SOON_MS = 15_000;

let directory: string;
let exporter: Part | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-live-'));
});
afterEach(async () => {
  await exporter?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function write(name: string, content: string): string {
  const path = join(directory, 'claude', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Writes a file as Claude Code does its settings: another one, then renamed. */
function replace(name: string, content: string): void {
  renameSync(write(`${name}.tmp`, content), join(directory, 'claude', name));
}

/** Waits until a line of the page begins so. */
async function untilShown(sample: string): Promise<void> {
  const ask = async () => (await fetch(`${exporter?.url}/metrics`)).text();
  await until(ask, (page) => page.split('\n').some((line) => line.includes(sample)), SOON_MS);
}

test('what changes beside the transcripts is seen soon, also where nothing was when the exporter began', async () => {
  const name = `projects/-harbour/${SESSION}.jsonl`;
  const path = write(name, transcript([userLine(), assistantLine()]));
  const append = () => appendFileSync(path, transcript([userLine()]));
  exporter = await startExporter(['--claude-dir', join(directory, 'claude'), '--state-dir', join(directory, 'state'), '--host', 'laptop']);
  const status = () => getJson<Status>(`${exporter?.url}/-/status`);
  await until(status, ({ phase }) => phase === 'ready');
  await untilShown('ccmeter_sessions_active{host="laptop",project="harbour",state="waiting"} 1');

  replace('stats-cache.json', JSON.stringify({ version: 1, modelUsage: {}, totalSessions: 41 }));
  await untilShown('ccmeter_stats_sessions{host="laptop"} 41');
  replace('stats-cache.json', JSON.stringify({ version: 1, modelUsage: {}, totalSessions: 42 }));
  await untilShown('ccmeter_stats_sessions{host="laptop"} 42');

  const typed = (display: string) =>
    `${JSON.stringify({ display, pastedContents: {}, timestamp: Date.now(), project: '/home/someone/code/harbour', sessionId: SESSION })}\n`;
  const history = write('history.jsonl', typed('/paint blue'));
  await untilShown('ccmeter_skill_invocations_total{host="laptop",project="harbour",skill="paint"} 1');
  appendFileSync(history, typed('/dry'));
  await untilShown('ccmeter_skill_invocations_total{host="laptop",project="harbour",skill="dry"} 1');

  const todos = (status: string) => JSON.stringify([{ content: 'paint the boat', status, activeForm: 'painting the boat' }]);
  write(`todos/${SESSION}-agent-${SESSION}.json`, todos('pending'));
  append();
  await untilShown('ccmeter_todos{host="laptop",project="harbour",status="pending"} 1');

  write(`file-history/${SESSION}/0123456789abcdef@v1`, 'a\n');
  write(`file-history/${SESSION}/0123456789abcdef@v2`, 'b\nc\n');
  append();
  await untilShown('ccmeter_file_history_lines_total{host="laptop",project="harbour",change="modified"} 1');
  await untilShown('ccmeter_sessions_active{host="laptop",project="harbour",state="working"} 1');

  const claude = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
  await once(claude, 'spawn');
  const running = { pid: claude.pid, sessionId: SESSION, startedAt: Date.now(), status: 'idle', updatedAt: Date.now() + 1000 };
  const file = write(`sessions/${claude.pid}.json`, JSON.stringify(running));
  await untilShown('ccmeter_sessions_active{host="laptop",project="harbour",state="waiting"} 1');
  rmSync(file);
  await untilShown('ccmeter_todos_abandoned_total{host="laptop",project="harbour"} 1');
  await untilShown('ccmeter_sessions_active{host="laptop",project="harbour",state="waiting"} 0');
  claude.kill();
  await once(claude, 'exit');
  expect(await status()).toMatchObject({ phase: 'ready' });
});
