import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../commands.ts';
import type { SessionAnswer } from '../routes/sessions.ts';
import { createTestApp, eventOf, NOW_MS } from '../testing.ts';
import { readHook } from './read.ts';
import { installHooks, snippet, uninstallHooks } from './settings.ts';

const SESSION = '550e8400-e29b-41d4-a716-446655440000';
const SECRET = 'canary-7f3a';

/** What Claude Code gives to every hook, with something secret wherever a person's own text may be. */
function hook(name: string, given: Record<string, unknown> = {}) {
  return {
    hook_event_name: name,
    session_id: SESSION,
    transcript_path: `/home/${SECRET}/.claude/projects/x.jsonl`,
    cwd: `/home/${SECRET}/code/harbour`,
    permission_mode: 'default',
    prompt: SECRET,
    message: SECRET,
    last_assistant_message: SECRET,
    tool_input: { command: SECRET, file_path: `/${SECRET}` },
    tool_response: { stdout: SECRET },
    session_title: SECRET,
    ...given,
  };
}

const heard = { source: 'laptop', nowMs: NOW_MS };
const call = { tool_name: 'Bash', tool_use_id: 'toolu_01' };

describe("Claude Code's hooks", () => {
  test.each([
    ['SessionStart', { source: 'startup' }, [['session', { action: 'started', project: 'harbour' }]]],
    ['SessionEnd', { reason: 'exit' }, [['session', { action: 'ended' }]]],
    ['UserPromptSubmit', {}, [['agent', { state: 'working' }]]],
    ['PreToolUse', call, [['tool', { tool: 'Bash', status: 'started' }]]],
    [
      'PostToolUse',
      { ...call, duration_ms: 1500, agent_id: 'a1' },
      [
        ['tool', { tool: 'Bash', status: 'completed' }],
        ['tool_call', { tool: 'Bash', result: 'ok', durationSeconds: 1.5, agent: 'subagent' }],
      ],
    ],
    [
      'PostToolUseFailure',
      call,
      [
        ['tool', {}],
        ['tool_call', { result: 'error', agent: 'main' }],
      ],
    ],
    [
      'PermissionDenied',
      call,
      [
        ['tool', {}],
        ['tool_call', { result: 'blocked' }],
      ],
    ],
    ['PermissionRequest', call, [['agent', { state: 'waiting' }]]],
    ['Notification', { notification_type: 'idle_prompt' }, [['agent', { state: 'waiting' }]]],
    ['Notification', { notification_type: 'auth_success' }, []],
    ['Stop', {}, [['agent', { state: 'waiting' }]]],
    ['SubagentStart', { agent_id: 'a1', agent_type: 'Explore' }, [['agent_spawn', { agentType: 'Explore', description: '' }]]],
    ['SubagentStop', {}, [['activity', {}]]],
    ['PreCompact', { trigger: 'auto' }, []],
    ['SomethingNew', {}, []],
    ['PreToolUse', { tool_name: 'mcp__bank__transfer' }, [['tool', { tool: 'mcp' }]]],
    ['PreToolUse', { tool_name: `<${SECRET}>` }, [['tool', { tool: 'unknown' }]]],
  ] as [string, Record<string, unknown>, [string, object][]][])('%s %j', (name, given, wanted) => {
    const events = readHook(hook(name, given), heard) ?? [];
    expect(events).toHaveLength(wanted.length);
    for (const [index, [type, payload]] of wanted.entries()) expect(events[index]).toMatchObject({ type, source: 'laptop', payload });
    // Nothing of what a person wrote, ran or was answered, and no path.
    expect(JSON.stringify(events)).not.toContain(SECRET);
    expect(JSON.stringify(events)).not.toContain('toolu_01');
  });

  test.each([
    [null],
    [[]],
    ['x'],
    [{}],
    [{ hook_event_name: 'Stop' }],
    [{ hook_event_name: 'Stop', session_id: '../x y' }],
    [{ hook_event_name: 1, session_id: 's' }],
  ])('%j is none', (value) => expect(readHook(value, heard)).toBeUndefined());

  test('are answered at once, and what they tell is in the session', async () => {
    const { app } = createTestApp();
    const post = (value: unknown) => app.request('/hooks?source=laptop', { method: 'POST', body: JSON.stringify(value) });
    for (const value of [
      hook('SessionStart'),
      hook('PreToolUse', call),
      hook('PostToolUse', { ...call, duration_ms: 250 }),
      hook('Stop'),
    ]) {
      expect((await post(value)).status).toBe(204);
      await new Promise(setImmediate);
    }
    const { session } = (await (await app.request(`/api/sessions/${SESSION}`)).json()) as SessionAnswer;
    expect(session).toMatchObject({ state: 'waiting', source: 'laptop', project: 'harbour', toolCalls: 1 });
    expect(session.tools).toEqual([
      { tool: 'Bash', started: 1, finished: 1, failed: 0, rejected: 0, blocked: 0, averageSeconds: 0.25, timed: 1 },
    ]);
    const refused = await post({ nothing: true });
    expect([refused.status, await refused.json()]).toEqual([400, { error: { code: 'invalid_hook', message: expect.any(String) } }]);
  });

  test('tell no project where they are not to: a session keeps the name that the exporter gave it', async () => {
    const { app, deps } = createTestApp();
    deps.store.append([eventOf('session', 1, { sessionId: SESSION, action: 'started', project: 'hash-of-it' })], NOW_MS);
    for (const value of [hook('SessionStart'), hook('PreToolUse', call), hook('PostToolUse', call), hook('SessionEnd')])
      await app.request('/hooks?source=laptop&projects=none', { method: 'POST', body: JSON.stringify(value) });
    await new Promise(setImmediate);
    const text = await (await app.request(`/api/sessions/${SESSION}`)).text();
    expect(text).not.toContain('harbour');
    expect(JSON.parse(text).session).toMatchObject({ project: 'hash-of-it', toolCalls: 1, state: 'over' });
  });

  test('name a call as the exporter does, so that it counts once', () => {
    const [, told] = readHook(hook('PostToolUse', call), heard) ?? [];
    const bytes = createHash('sha256').update('tool:toolu_01').digest().subarray(0, 20);
    const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
    expect(told).toMatchObject({ payload: { callId: Array.from(bytes, (byte) => alphabet[byte % 36]).join('') } });
  });
});

describe('settings.json', () => {
  const URL = 'http://127.0.0.1:10055/hooks?source=laptop';

  function settings(text?: string): string {
    const directory = mkdtempSync(join(tmpdir(), 'ccmeter-hooks-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, 'settings.json');
    if (text !== undefined) writeFileSync(file, text);
    return file;
  }

  const own = {
    model: 'opus',
    hooks: {
      PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: './check.sh' }] }],
      Stop: [],
      Elsewhere: [{ hooks: [{ type: 'command', command: 'say done' }] }],
    },
    permissions: { allow: ['Read'] },
  };

  test('gets our hooks once, and is as it was when they are taken out', () => {
    const before = `${JSON.stringify(own, null, 2)}\n`;
    const file = settings(before);
    expect(installHooks(file, URL)).toBe(true);
    const installed = readFileSync(file, 'utf8');
    expect(JSON.parse(installed)).toMatchObject({ model: 'opus', permissions: own.permissions, hooks: { Elsewhere: own.hooks.Elsewhere } });
    expect(JSON.parse(installed).hooks.PreToolUse).toEqual([own.hooks.PreToolUse[0], snippet(URL).hooks.PreToolUse?.[0]]);
    expect(installHooks(file, URL)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe(installed);
    expect(uninstallHooks(file)).toBe(true);
    const after = JSON.parse(readFileSync(file, 'utf8'));
    expect({ ...after, hooks: { Stop: [], ...after.hooks } }).toEqual(own);
    expect(uninstallHooks(file)).toBe(false);
  });

  test('that is not there is made, and is empty afterwards', () => {
    const file = settings();
    expect(uninstallHooks(file)).toBe(false);
    expect(installHooks(file, URL)).toBe(true);
    expect(uninstallHooks(file)).toBe(true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({});
  });

  test('gets another address when we have another', () => {
    const file = settings();
    installHooks(file, URL);
    expect(installHooks(file, URL.replace('10055', '20055'))).toBe(true);
    const { hooks } = JSON.parse(readFileSync(file, 'utf8'));
    expect(hooks.Stop).toHaveLength(1);
    expect(hooks.Stop[0].hooks[0].command).toContain('20055');
  });

  test.each(['not json', '[]', '{"hooks":[]}', '{"hooks":{"Stop":1}}'])('%j is left as it is', (text) => {
    const file = settings(text);
    expect(() => installHooks(file, URL)).toThrow();
    expect(() => uninstallHooks(file)).toThrow();
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test("an address cannot break out of the shell's quotes", () => {
    expect(() => snippet("http://x/hooks?source='; rm -rf ~ #")).toThrow('--url');
    expect(() => snippet('file:///etc/passwd')).toThrow('--url');
  });

  test('names the file with the token, and never the token', () => {
    const [{ hooks: [hook] = [] } = {}] = snippet(URL, '/home/ada/.ccmeter-header').hooks.Stop ?? [];
    expect(hook?.command).toContain("-H '@/home/ada/.ccmeter-header' ");
    expect(() => snippet(URL, "/x' ; rm -rf ~ '")).toThrow('--header-file');
    expect(() => snippet(URL, 'relative')).toThrow('--header-file');
  });

  test('is changed and printed by commands', async () => {
    const file = settings();
    const said: string[] = [];
    const command = (name: string) =>
      runCommand(['hooks', name, '--settings', file, '--source', "ada's laptop"], {}, (line) => said.push(line));
    await command('print');
    await command('install');
    await command('install');
    await command('uninstall');
    await expect(runCommand(['hooks', 'print', '--project-names', 'some'], {}, () => {})).rejects.toThrow('--project-names: got "some"');
    const hidden: string[] = [];
    await runCommand(['hooks', 'print', '--source', 'a', '--project-names', 'none'], {}, (line) => hidden.push(line));
    expect(hidden[0]).toContain('/hooks?source=a&projects=none');
    expect(said[0]).toContain("source=ada's%20laptop".replace("'", '%27'));
    expect(said.slice(1)).toEqual([`added to ${file}`, `${file} has them already`, `taken out of ${file}`]);
  });
});

describe('other agents', () => {
  const post = async (app: ReturnType<typeof createTestApp>['app'], body: unknown) => {
    const response = await app.request('/api/agent-events?source=laptop', { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const event = (event_type: string, given: object = {}) => ({ session_id: 's1', agent_type: 'codex', event_type, ...given });

  test('tell their sessions, one by one or many at once, each once', async () => {
    const { app } = createTestApp();
    expect(await post(app, event('session_started', { event_id: '1', project: 'shop' }))).toMatchObject({
      status: 202,
      body: { accepted: 1 },
    });
    const batch = [
      event('session_started', { event_id: '1' }),
      event('tool_finished', { tool: 'shell' }),
      event('error', { category: 'api' }),
      event('waiting'),
      5,
    ];
    expect(await post(app, batch)).toMatchObject({ status: 202, body: { accepted: 3, duplicates: 1, rejected: [{ index: 4 }] } });
    const { session } = (await (await app.request('/api/sessions/codex:s1')).json()) as SessionAnswer;
    expect(session).toMatchObject({
      project: 'shop',
      source: 'laptop',
      state: 'waiting',
      toolCalls: 1,
      errors: [{ category: 'api', count: 1 }],
    });
  });

  test.each([
    [{}, 'session_id'],
    [event('dancing'), 'event_type'],
    [event('activity', { agent_type: 'a b' }), 'agent_type'],
    [event('activity', { prompt: 'secret' }), 'prompt'],
    [event('activity', { timestamp: 'yesterday' }), 'timestamp'],
  ])('%j is refused with a word about it', async (body, word) => {
    const answer = await post(createTestApp().app, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_format', message: expect.stringContaining(word) } } });
  });
});
