import { beforeEach, describe, expect, test } from 'vitest';
import { UNKNOWN } from '../contract/index.ts';
import { Health } from '../health.ts';
import { LedgerError } from '../ledger/error.ts';
import { Ledger } from '../ledger/ledger.ts';
import { responseFact, SESSION, sessionFact, temporaryDirectory } from '../testing.ts';
import type { CommandFact, Fact, FileVersionFact, TodoFact, ToolFact } from '../track/fact.ts';
import { createNames, type NamesWish } from './names.ts';
import { renderPage, toPageFamily } from './page.ts';
import { collectFamilies } from './points.ts';

const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const NOW = NOON + 60_000;

describe('names', () => {
  const wish = (more: Partial<NamesWish> = {}): NamesWish => ({ projects: 'name', mcpServers: [], ...more });

  test('are shown as they are, except tools of MCP servers', () => {
    const names = createNames(wish(), 'key');
    expect([names.project('harbour'), names.branch('main'), names.tool('Bash')]).toEqual(['harbour', 'main', 'Bash']);
    expect(names.tool('mcp__github__create_issue')).toBe('mcp');
  });

  test.each([
    [['github'], 'mcp__github__create_issue', 'mcp__github__create_issue'],
    [['github'], 'mcp__github_work__create_issue', 'mcp'],
    [['git'], 'mcp__github__create_issue', 'mcp'],
    [['github'], 'mcp__github', 'mcp__github'],
    [['*'], 'mcp__anything__at_all', 'mcp__anything__at_all'],
  ])('of MCP servers where %s are allowed: %s is %s', (mcpServers, tool, shown) => {
    expect(createNames(wish({ mcpServers }), 'key').tool(tool)).toBe(shown);
  });

  test('as hashes say the same on one machine and nothing on another', () => {
    const here = createNames(wish({ projects: 'hash' }), 'here');
    const there = createNames(wish({ projects: 'hash' }), 'there');
    expect(here.project('harbour')).toMatch(/^[0-9a-f]{16}$/);
    expect(here.project('harbour')).toBe(createNames(wish({ projects: 'hash' }), 'here').project('harbour'));
    expect(here.project('harbour')).not.toBe(there.project('harbour'));
    expect(here.project('harbour')).not.toBe(here.branch('harbour'));
    expect([here.project(UNKNOWN), here.branch('')]).toEqual([UNKNOWN, '']);
  });

  test('that are not shown are all the same', () => {
    const names = createNames(wish({ projects: 'none' }), 'key');
    expect([names.project('harbour'), names.branch('main')]).toEqual([UNKNOWN, '']);
  });
});

/** One of everything that bears a name, all of the project `harbour` on the branch `secret-feature`. */
function facts(): Fact[] {
  const tool = (id: string, name: string): ToolFact => ({
    type: 'tool',
    key: `tool:${id}`,
    timeMs: NOON,
    sessionId: SESSION,
    use: { timeMs: NOON, sessionId: SESSION, agent: 'main', tool: name },
    result: { timeMs: NOON + 1000, sessionId: SESSION, outcome: 'ok' },
    settled: false,
  });
  const todo: TodoFact = {
    type: 'todo',
    key: `todo:${SESSION}:${SESSION}`,
    timeMs: NOON,
    sessionId: SESSION,
    counts: { pending: 1, inProgress: 0, completed: 0 },
    told: '',
    settled: false,
  };
  const version: FileVersionFact = {
    type: 'file_version',
    key: 'version:1',
    timeMs: NOON,
    sessionId: SESSION,
    fileHash: '0123456789abcdef',
    version: 2,
    added: 1,
    removed: 0,
    modified: 0,
    settled: false,
  };
  const command: CommandFact = {
    type: 'command',
    key: 'command:harbour:clear:1:0',
    timeMs: NOON,
    sessionId: UNKNOWN,
    project: 'harbour',
    skill: 'clear',
    typed: true,
    settled: false,
  };
  return [
    sessionFact({ branch: 'secret-feature', timeMs: NOON, lastMs: NOON, lastMainMs: NOON }),
    responseFact({ timeMs: NOON }),
    tool('1', 'mcp__acme__pay'),
    tool('2', 'Bash'),
    todo,
    version,
    command,
  ];
}

describe('a ledger', () => {
  let directory: string;
  beforeEach(() => {
    const temporary = temporaryDirectory();
    directory = temporary.path;
    return () => temporary[Symbol.dispose]();
  });
  const open = (wish: Partial<NamesWish> = {}, at = directory) =>
    new Ledger(at, 'laptop', undefined, undefined, { projects: 'name', mcpServers: [], ...wish });

  /** Counts facts, and gives back all that others are shown of them: the page, the change log's labels, the events. */
  function show(ledger: Ledger, nowMs = NOW): { page: string; events: string; labels: string } {
    ledger.begin();
    for (const fact of facts()) ledger.put(fact);
    ledger.commit([]);
    ledger.settle(nowMs);
    return shown(ledger, nowMs);
  }

  function shown(ledger: Ledger, nowMs = NOW): { page: string; events: string; labels: string } {
    const health = new Health(nowMs);
    health.set('ccmeter_todos', { project: 'harbour', status: 'pending' }, 1);
    const families = collectFamilies('laptop', ledger.book, ledger.sessionsSince(0), health, nowMs, ledger.names);
    const events = ledger.outbox(1000).map(({ body }) => body);
    const labels = [...ledger.book.all()].map(({ metric, values }) => `${metric} ${values.join(' ')}`);
    return { page: renderPage(families.map(toPageFamily), 'prometheus'), events: events.join('\n'), labels: labels.sort().join('\n') };
  }

  test('shows projects and branches by name, and no tool of an MCP server', () => {
    const ledger = open();
    const { page, events } = show(ledger);
    expect(page).toContain('project="harbour"');
    expect(page).toContain('branch="secret-feature"');
    expect(events).toContain('"projectPath":"harbour"');
    expect(events).toContain('0123456789abcdef');
    expect(page + events).not.toContain('acme');
    expect(page).toContain('ccmeter_tool_calls_total{host="laptop",project="harbour",tool="mcp",result="ok"} 1');
    ledger.close();
  });

  test.each(['hash', 'none'] as const)(
    'shows no name of a project, no branch and no guessable id where projects are shown by %s',
    (projects) => {
      const ledger = open({ projects });
      const { page, events, labels } = show(ledger, NOON + 7 * 3600_000);
      expect(page + events + labels).not.toMatch(/harbour|secret-feature|0123456789abcdef/);
      const project = projects === 'none' ? UNKNOWN : ledger.names.project('harbour');
      for (const metric of [
        'ccmeter_tokens_total',
        'ccmeter_todos',
        'ccmeter_session_info',
        'ccmeter_sessions_active',
        'ccmeter_todos_abandoned_total',
      ])
        expect(page).toMatch(new RegExp(`^${metric}\\{host="laptop",project="${project}"`, 'm'));
      for (const event of events.split('\n').map((body) => JSON.parse(body) as { payload: { project?: string } }))
        if (event.payload.project !== undefined) expect(event.payload.project).toBe(project);
      const plain = open({}, `${directory}/plain`);
      const ids = (text: string) => [...text.matchAll(/evt_\w+/g)].map(String);
      expect(ids(events).filter((id) => ids(show(plain, NOON + 7 * 3600_000).events).includes(id))).toEqual([]);
      plain.close();
      ledger.close();
    },
  );

  test('says the same after a restart, and is not opened to show projects in another way', () => {
    const first = open({ projects: 'hash' });
    const before = show(first).labels;
    first.close();
    const second = open({ projects: 'hash' });
    expect(shown(second).labels).toBe(before);
    second.close();
    for (const projects of ['name', 'none'] as const) expect(() => open({ projects })).toThrow(LedgerError);
    expect(() => open({ projects: 'none' })).toThrow(/--project-names is none, and the ledger in .* was made with hash/);
  });

  test('has the hashes of other machines where the key is given, and keeps to it', () => {
    const key = 'of the team';
    const [here, there] = [open({ projects: 'hash', key }), open({ projects: 'hash', key }, `${directory}/there`)];
    expect(here.names.project('harbour')).toBe(there.names.project('harbour'));
    here.close();
    there.close();
    expect(() => open({ projects: 'hash', key: 'of another team' })).toThrow('CCMETER_PROJECT_NAMES_KEY');
    const again = open({ projects: 'hash' });
    expect(again.names.project('harbour')).toBe(there.names.project('harbour'));
    again.close();
  });

  test('moves no call that was counted when a server is allowed later', () => {
    const first = open();
    const before = show(first).labels;
    first.close();
    const second = open({ mcpServers: ['acme'] });
    // The same call comes again, with a line that was copied.
    const known = second.get('tool:1');
    if (known?.type !== 'tool') throw new Error('no such call');
    second.begin();
    second.put({ ...known });
    const { shownTool: _, ...fresh } = known;
    second.put({ ...fresh, key: 'tool:3', settled: false });
    second.commit([]);
    second.settle(NOW + 60_000);
    const calls = [...second.book.all()].filter(({ metric }) => metric === 'ccmeter_tool_calls_total');
    expect(calls.map(({ values, value, debt }) => [values[1], value, debt]).sort()).toEqual([
      ['Bash', 1, 0],
      ['mcp', 1, 0],
      ['mcp__acme__pay', 1, 0],
    ]);
    expect(before).toContain('ccmeter_tool_calls_total harbour mcp ok');
    second.close();
  });
});
