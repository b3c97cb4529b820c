import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readHook } from '../../query-api/src/hooks/read.ts';
import { snippet } from '../../query-api/src/hooks/settings.ts';
import { environmentOf, findDebianProgram, optionsFor } from '../tools/debian.ts';

const CANARY = 'canary-7f3a';
const jq = await findDebianProgram('jq');
const directory = mkdtempSync(join(tmpdir(), 'ccmeter-hooks-'));
const sent = join(directory, 'sent');

/** What Claude Code gives to a hook, with something secret wherever a person's own text may be. */
const someHook = (name: string, given: object = {}) => ({
  hook_event_name: name,
  session_id: '550e8400-e29b-41d4-a716-446655440000',
  transcript_path: `/home/${CANARY}/.claude/projects/x.jsonl`,
  cwd: `/home/${CANARY}/a b/harbour/`,
  prompt: CANARY,
  message: CANARY,
  tool_input: { command: `'; echo ${CANARY}`, file_path: `/${CANARY}` },
  tool_response: { stdout: CANARY },
  ...given,
});

const HOOKS: [string, object][] = [
  ['SessionStart', {}],
  ['SessionEnd', { reason: 'exit' }],
  ['UserPromptSubmit', {}],
  ['PreToolUse', { tool_name: 'Bash', tool_use_id: 'toolu_1' }],
  ['PreToolUse', { tool_name: `mcp__${CANARY}__transfer`, prompt_id: 'p1' }],
  ['PostToolUse', { tool_name: 'Bash', tool_use_id: 'toolu_1', duration_ms: 1500, agent_id: 'a1' }],
  ['PostToolUseFailure', { tool_name: 'Edit' }],
  ['PermissionDenied', { tool_name: 'Edit', prompt_id: 'p1' }],
  ['Notification', { notification_type: 'idle_prompt' }],
  ['Stop', {}],
  ['SubagentStart', { agent_id: 'a1', agent_type: 'Explore' }],
  ['Stop', { cwd: 'C:\\Users\\ada\\harbour' }],
  ['Stop', { cwd: 5, tool_name: ['x'] }],
];

beforeAll(() => {
  // In place of curl: what it was given to send.
  writeFileSync(join(directory, 'curl'), `#!/bin/sh\ncat >'${sent}'\n`);
  chmodSync(join(directory, 'curl'), 0o755);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What leaves when Claude Code runs the hook that stands in the settings. */
function runHook(url: string, hook: object): { code: number | null; sent: unknown } {
  const [{ hooks: [{ command } = { command: '' }] = [] } = {}] = snippet(url).hooks.Stop ?? [];
  const program = 'path' in jq ? jq.path : '';
  const env = { ...environmentOf(program), PATH: `${directory}:${dirname(program)}:/usr/bin:/bin` };
  const { status } = spawnSync('/bin/sh', ['-c', command], { env, input: JSON.stringify(hook) });
  return { code: status, sent: JSON.parse(readFileSync(sent, 'utf8')) };
}

describe('a hook of Claude Code', () => {
  test.each(HOOKS)('%s %j sends another machine no more than what is looked at there', optionsFor(jq), (name, given) => {
    const hook = someHook(name, given);
    const result = runHook('https://meter.example.com/hooks?source=laptop', hook);
    expect(result.code).toBe(0);
    expect(JSON.stringify(result.sent)).not.toContain(CANARY);
    const heard = { source: 'laptop', nowMs: Date.now() };
    const told = (value: unknown) => readHook(value, heard)?.map(({ type, payload }) => ({ type, payload }));
    expect(told(result.sent)).toEqual(told(hook));
    expect(told(hook)).not.toEqual([]);
  });

  test('says nothing of the project where that is wanted', optionsFor(jq), () => {
    const { sent: body } = runHook('https://meter.example.com/hooks?source=laptop&projects=none', someHook('SessionStart'));
    expect(body).toEqual({ hook_event_name: 'SessionStart', session_id: '550e8400-e29b-41d4-a716-446655440000' });
  });

  test('needs nothing but curl on this machine', async () => {
    const hook = someHook('Stop');
    expect(runHook('http://127.0.0.1:10055/hooks?source=laptop', hook)).toEqual({ code: 0, sent: hook });
  });
});
