import type { Activity, Api } from '../api/client.ts';
import type { Stack } from '../charts/options/stack.ts';
import { createAsker, type Frame, pivot, placeOf, type Scope, times } from './ask.ts';
import type { Range } from './range.ts';

export interface CodeTotals {
  added: number;
  removed: number;
  commits: number;
  pullRequests: number;
  costUsd: number;
  queries: { lines: string; cost: string };
}

export interface CodeRow {
  name: string;
  added: number;
  removed: number;
}

export interface CodeNumbers extends Frame {
  totals: CodeTotals;
  before: CodeTotals | null;
  lines: Stack;
  languages: readonly CodeRow[];
  projects: readonly (CodeRow & { commits: number; costUsd: number })[];
  languagesOverTime: Stack;
  commits: Stack;
  pullRequests: Stack;
  /** Lines that differ between kept versions of files. */
  kept: Stack;
  files: Activity['files'];
  queries: { languages: string; projects: readonly string[]; lines: string; cost: string };
}

/** Asks everything about code that was written. */
export async function loadCode(api: Api, question: Scope, nowMs: number, signal?: AbortSignal): Promise<CodeNumbers> {
  const asker = await createAsker(api, question, nowMs, signal);
  const { frame, sums, stack, answer } = asker;
  const ask = async (range: Range): Promise<CodeTotals> => {
    const [lines, commits, pullRequests, cost] = await Promise.all([
      sums('lines', 'change', range),
      sums('commits', null, range),
      sums('pull_requests', null, range),
      sums('cost', null, range),
    ]);
    const { added = 0, removed = 0 } = lines.values;
    return {
      added,
      removed,
      commits: commits.total,
      pullRequests: pullRequests.total,
      costUsd: cost.total,
      queries: { lines: lines.query, cost: cost.query },
    };
  };
  const [totals, before, lines, languagesOverTime, commits, pullRequests, byLanguage, byProject, commitSums, costSums, kept, activity] =
    await Promise.all([
      ask(frame.range),
      frame.beforeRange && ask(frame.beforeRange),
      stack('lines', 'change'),
      stack('lines', 'language'),
      stack('commits', 'project'),
      stack('pull_requests', 'project'),
      answer('lines', { ...times(frame.range), by: 'language,change' }),
      answer('lines', { ...times(frame.range), by: 'project,change' }),
      sums('commits', 'project'),
      sums('cost', 'project'),
      stack('file_lines', 'change'),
      api.activity({ ...times(frame.range), ...placeOf(question.filters) }, signal),
    ]);
  const projects = changeRows(pivot(byProject, 'project', 'change'), Object.keys(commitSums.values)).map((row) => ({
    ...row,
    commits: commitSums.values[row.name] ?? 0,
    costUsd: costSums.values[row.name] ?? 0,
  }));
  return {
    ...frame,
    totals,
    before,
    lines,
    languages: changeRows(pivot(byLanguage, 'language', 'change')),
    projects,
    languagesOverTime,
    commits,
    pullRequests,
    kept,
    files: activity.files,
    queries: {
      languages: byLanguage.query,
      projects: [byProject.query, commitSums.query, costSums.query],
      lines: totals.queries.lines,
      cost: totals.queries.cost,
    },
  };
}

export function isEmptyCode({ totals }: CodeNumbers): boolean {
  return totals.added + totals.removed + totals.commits + totals.pullRequests === 0;
}

/** What one of something cost; none where there is none of it. */
export function perPiece(costUsd: number, pieces: number): number | null {
  return pieces > 0 ? costUsd / pieces : null;
}

/** One row per name with its lines; the names in `more` are there also without lines. */
export function changeRows(table: Readonly<Record<string, Readonly<Record<string, number>>>>, more: readonly string[] = []): CodeRow[] {
  return [...new Set([...Object.keys(table), ...more])]
    .map((name) => ({ name, added: table[name]?.added ?? 0, removed: table[name]?.removed ?? 0 }))
    .sort((one, other) => other.added + other.removed - one.added - one.removed || (one.name < other.name ? -1 : 1));
}
