import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { claimPort } from '../../deploy/local/processes.ts';
import { assistantLine, transcript, userLine } from '../fixtures/lines.ts';
import { until } from '../tools/parts.ts';

const ACTION = join(import.meta.dirname, '..', '..', 'deploy', 'action');

test('a job that starts the exporter, uses Claude Code and stops it has told everything, signed with its key', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-action-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const events: { type: string }[] = [];
  const sources = new Set<string | string[] | undefined>();
  const receiver = createServer(async (request, response) => {
    const body = (await request.setEncoding('utf8').toArray()).join('');
    events.push(...JSON.parse(body));
    sources.add(request.headers['x-source-id']);
    response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ accepted: 1, duplicates: 0, rejected: [] }));
  });
  onTestFinished(() => void receiver.close());
  const eventsPort = await claimPort('port', 0);
  await new Promise<void>((resolve) => receiver.listen(eventsPort, '127.0.0.1', resolve));

  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const claudeDir = join(directory, 'claude');
  const output = join(directory, 'output');
  // Without a pipe to us: what runs in the background would hold it.
  execFileSync('bash', [join(ACTION, 'start.sh')], {
    stdio: 'ignore',
    env: {
      ...process.env,
      PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
      RUNNER_TEMP: directory,
      GITHUB_OUTPUT: output,
      CCMETER_PORT: String(await claimPort('port', 0)),
      CCMETER_CLAUDE_DIR: claudeDir,
      CCMETER_HOST: 'ci',
      CCMETER_EVENTS_URL: `http://127.0.0.1:${eventsPort}/events`,
      CCMETER_KEY: key,
    },
  });
  const told = Object.fromEntries(
    readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s)),
  );
  expect(readFileSync(join(told.state, 'key.pem'), 'utf8').trim()).toBe(key.trim());

  const context = { sessionId: '5e551011-0000-4000-a000-0000000000c1', cwd: '/home/runner/work' };
  mkdirSync(join(claudeDir, 'projects', '-work'), { recursive: true });
  const lines = transcript([userLine({ context }), assistantLine({ context, usage: { input: 1, output: 2 } })]);
  writeFileSync(join(claudeDir, 'projects', '-work', `${context.sessionId}.jsonl`), lines);
  const page = async () => (await fetch(told['metrics-url'])).text();
  await until(page, (text) => /^ccmeter_requests_total\{host="ci".* 1$/m.test(text));

  const stop = { ...process.env, CCMETER_PID: told.pid, CCMETER_STATE: told.state };
  execFileSync('bash', [join(ACTION, 'stop.sh')], { stdio: 'ignore', env: stop });
  expect(() => process.kill(Number(told.pid), 0)).toThrow();
  expect(events.map(({ type }) => type)).toContain('usage');
  expect([...sources]).toEqual(['ci']);
});

test('the actions name their scripts, and every input is used', () => {
  const { inputs, runs } = parse(readFileSync(join(ACTION, 'action.yml'), 'utf8'));
  const used = Object.values<string>(runs.steps[0].env).join('\n');
  for (const name of Object.keys(inputs)) expect(used).toContain(`inputs.${name} `);
  expect(runs.steps[0].run).toContain('start.sh');
  expect(parse(readFileSync(join(ACTION, 'stop', 'action.yml'), 'utf8')).runs.steps[0].run).toContain('stop.sh');
});
