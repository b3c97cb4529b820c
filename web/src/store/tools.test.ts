import { expect, test } from 'vitest';
import type { PanelAnswer } from '../api/client.ts';
import { failureShare, toolRows } from './tools.ts';

const answer = (series: [labels: Record<string, string>, value: number][]): PanelAnswer => ({
  id: 'tool_calls',
  unit: 'call',
  start: 0,
  end: 60,
  step: null,
  query: '',
  series: series.map(([labels, value]) => ({ labels, value, points: null })),
});

test('a tool has its calls by what came of them, and its durations', () => {
  const calls = answer([
    [{ tool: 'Bash', result: 'ok' }, 8],
    [{ tool: 'Bash', result: 'error' }, 2],
    [{ tool: 'Edit', result: 'rejected' }, 1],
    [{ tool: 'constructor', result: 'ok' }, 1],
  ]);
  const rows = toolRows(calls, answer([[{ tool: 'Bash' }, 1.5]]), answer([[{ tool: 'Bash' }, 9]]));
  expect(rows).toEqual([
    { tool: 'Bash', all: 10, ok: 8, error: 2, rejected: 0, blocked: 0, p50: 1.5, p95: 9 },
    { tool: 'Edit', all: 1, ok: 0, error: 0, rejected: 1, blocked: 0, p50: null, p95: null },
    { tool: 'constructor', all: 1, ok: 1, error: 0, rejected: 0, blocked: 0, p50: null, p95: null },
  ]);
});

test.each([
  [{ all: 12, ok: 8, error: 2, rejected: 1, blocked: 1 }, 0.2],
  [{ all: 1, ok: 0, error: 0, rejected: 1, blocked: 0 }, null],
])('of %j the share that failed is %j', (calls, share) => expect(failureShare(calls)).toBe(share));
