import { expect, test } from 'vitest';
import { Health } from '../health.ts';
import { SeriesBook } from '../ledger/series.ts';
import { settle } from '../ledger/settle.ts';
import { responseFact, SESSION, sessionFact } from '../testing.ts';
import type { Fact, ToolFact, ToolOutcome } from '../track/fact.ts';
import { createNative, toNative } from './native.ts';
import { type PageFormat, renderPage } from './page.ts';
import { collectFamilies } from './points.ts';

const NOW = Date.parse('2026-03-01T13:00:00.000Z');

function book(...facts: Fact[]): SeriesBook {
  const counted = new SeriesBook();
  settle(
    facts.map((fact) => ({ fact, counted: new Map(), revision: 0 })),
    { book: counted, sessionOf: () => sessionFact(), nowMs: NOW },
  );
  return counted;
}

const families = (counted: SeriesBook, ...sessions: string[]) =>
  collectFamilies(
    'laptop',
    counted,
    sessions.map((sessionId) => sessionFact({ sessionId })),
    new Health(NOW),
    NOW,
  );

const lines = (page: string, name: string) => page.split('\n').filter((line) => line.startsWith(`${name}{`));
const render = (counted: SeriesBook, format: PageFormat = 'prometheus') => renderPage(toNative(families(counted)), format);

function toolFact(tool: string, outcome: ToolOutcome, at: number): ToolFact {
  const place = { timeMs: NOW - 3600_000, sessionId: SESSION };
  return {
    type: 'tool',
    key: `tool:${at}`,
    ...place,
    use: { ...place, agent: 'main', tool },
    result: { ...place, outcome, lines: { added: 3, removed: 1 } },
    settled: false,
  };
}

test('tokens have the four types that native telemetry knows, with and without the unit in the name', () => {
  const tokens = { input: 1, output: 2, cacheRead: 4, write5m: 8, write1h: 16 };
  const page = render(book(responseFact({ tokens })));
  for (const name of ['claude_code_token_usage_tokens_total', 'claude_code_token_usage_total']) {
    const line = (type: string, value: number) =>
      `${name}{host="laptop",project="harbour",type="${type}",model="claude-opus-5",query_source="main"} ${value}`;
    expect(lines(page, name)).toEqual([line('input', 1), line('output', 2), line('cacheRead', 4), line('cacheCreation', 24)]);
  }
});

test('decisions about edits: what was done or tried had been accepted', () => {
  const facts = [
    toolFact('Edit', 'ok', 1),
    toolFact('Edit', 'error', 2),
    toolFact('Edit', 'rejected', 3),
    toolFact('Write', 'blocked', 4),
    toolFact('Bash', 'rejected', 5),
  ];
  const page = render(book(...facts));
  expect(lines(page, 'claude_code_code_edit_tool_decision_total')).toEqual([
    'claude_code_code_edit_tool_decision_total{host="laptop",project="harbour",tool_name="Edit",decision="accept"} 2',
    'claude_code_code_edit_tool_decision_total{host="laptop",project="harbour",tool_name="Edit",decision="reject"} 1',
    'claude_code_code_edit_tool_decision_total{host="laptop",project="harbour",tool_name="Write",decision="reject",source="hook"} 1',
  ]);
});

test('each session is a counter of its own, which is born at 0 where it begins while somebody looks', () => {
  const native = createNative(() => true);
  const look = (...sessions: string[]) => lines(renderPage(native(families(new SeriesBook(), ...sessions)), 'prometheus'), NAME);
  const line = (session: string, value: number) =>
    `${NAME}{host="laptop",project="harbour",session_id="${session}",start_type="fresh"} ${value}`;
  expect(look('a')).toEqual([line('a', 1)]);
  expect(look('a', 'b')).toEqual([line('a', 1), line('b', 0)]);
  expect(look('a', 'b')).toEqual([line('a', 1), line('b', 1)]);
  // One that went on after a day is no new one.
  expect(look('b')).toEqual([line('b', 1)]);
  expect(look('a', 'b')).toEqual([line('a', 1), line('b', 1)]);
});

const NAME = 'claude_code_session_count_total';

test('no name is there twice, in either format', () => {
  for (const format of ['prometheus', 'openmetrics'] as const) {
    const names = [...render(book(responseFact()), format).matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toHaveLength(4);
  }
});
