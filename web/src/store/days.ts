import type { PanelAnswer, QuestionId } from '../api/client.ts';
import { midnight } from '../format/zone.ts';
import type { Asker } from './ask.ts';
import type { Range } from './range.ts';

/** What was counted on one day of the viewer's calendar. */
export interface Day {
  /** Its midnight. */
  start: number;
  end: number;
  value: number;
}

/** Days in a row, and the PromQL behind them. */
export interface Days {
  days: readonly Day[];
  query: string;
}

const DAY = 86_400;

/**
 * The days from one midnight to another, in runs of days that are 24 hours long: Prometheus cuts time evenly, so a day on which clocks
 * change is a run of its own.
 */
export function dayRuns(start: number, end: number, next = (seconds: number) => midnight(seconds, 1)): Range[] {
  const runs: Range[] = [];
  let day = start;
  while (day < end) {
    const after = Math.min(next(day), end);
    const last = runs.at(-1);
    const even = after - day === DAY;
    if (last && even && (last.end - last.start) % DAY === 0) last.end = after;
    else runs.push({ start: day, end: after });
    day = after;
  }
  return runs;
}

/** What was added on each day from `days` days ago until the end of the range, today included. */
export async function askDays(
  { answer, frame }: Pick<Asker, 'answer'> & { frame: { range: Range } },
  question: QuestionId,
  days: number,
): Promise<Days> {
  const end = Math.max(frame.range.end, 60);
  const runs = dayRuns(midnight(end - 1, 1 - days), end);
  const answers = await Promise.all(
    runs.map((run) => answer(question, { start: String(run.start), end: String(run.end), step: String(stepOf(run)) })),
  );
  return { days: runs.flatMap((run, index) => daysOf(run, answers[index])), query: answers[0]?.query ?? '' };
}

/** Steps are whole minutes; the last run may be shorter than a day. */
function stepOf(run: Range): number {
  return run.end - run.start < DAY || (run.end - run.start) % DAY !== 0
    ? run.end - run.start <= 2 * DAY
      ? run.end - run.start
      : DAY
    : DAY;
}

function daysOf(run: Range, answer: PanelAnswer | undefined): Day[] {
  const step = stepOf(run);
  return (answer?.series[0]?.points ?? []).map(([start, value]) => ({ start, end: Math.min(start + step, run.end), value }));
}

/** Days in a row with something, until now and at best. Today may still be empty without ending the row. */
export function streaks(days: readonly Day[]): { now: number; longest: number; active: number } {
  let longest = 0;
  let run = 0;
  for (const day of days) {
    run = day.value > 0 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  const past = days.at(-1)?.value === 0 ? days.slice(0, -1) : days;
  const end = past.findLastIndex((day) => day.value === 0);
  return { now: past.length - 1 - end, longest, active: days.filter((day) => day.value > 0).length };
}
