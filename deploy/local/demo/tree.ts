import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sessionTimes } from './calendar.ts';
import { converse, type Session, type Step } from './conversation.ts';
import type { Random } from './random.ts';
import { createStats } from './stats.ts';
import { PROJECTS } from './texts.ts';

/** Days of made-up history. */
export const DEMO_DAYS = 120;

/**
 * Writes a `.claude` directory of some months that ends now. Main transcripts, transcripts of subagents beside them, several projects
 * and models; the same `random` and `nowMs` give the same bytes. Nothing later than `nowMs` is written.
 */
export function writeHistory(claudeDir: string, nowMs: number, random: Random, days = DEMO_DAYS): void {
  const stats = createStats();
  for (const startMs of sessionTimes(nowMs, days, random)) {
    const session = createSession(startMs, nowMs, random);
    const transcripts = new Map<string, string[]>();
    let timeMs = startMs;
    for (const step of converse(session, random.whole(2, 14), random)) {
      timeMs += step.gapMs;
      if (timeMs > nowMs) break;
      const path = transcriptOf(claudeDir, session, step);
      const line = step.line(new Date(timeMs).toISOString());
      stats.add(line);
      transcripts.set(path, [...(transcripts.get(path) ?? []), `${JSON.stringify(line)}\n`]);
    }
    for (const [path, lines] of transcripts) append(path, lines.join(''));
  }
  const lastDay = new Date(nowMs - STATS_AGE_DAYS * 86_400_000).toISOString().slice(0, 10);
  append(join(claudeDir, 'stats-cache.json'), JSON.stringify(stats.file(lastDay)));
}

/** Claude Code writes its statistics now and then, for the days before. */
const STATS_AGE_DAYS = 3;

/** A session at a time: the model of its day, a project, a branch. */
export function createSession(startMs: number, nowMs: number, random: Random): Session {
  const project = random.weighted(PROJECTS);
  const daysAgo = (nowMs - startMs) / 86_400_000;
  return {
    sessionId: random.uuid(),
    cwd: `/home/demo/code/${project}`,
    gitBranch: random.next() < 0.6 ? 'main' : `work/${random.pick(['map', 'tests', 'release', 'lamp'])}`,
    model: random.weighted(daysAgo > 60 ? EARLIER_MODELS : LATER_MODELS),
    subagentModel: random.weighted(daysAgo > 60 ? EARLIER_SUBAGENT_MODELS : LATER_SUBAGENT_MODELS),
  };
}

type Chances = readonly (readonly [model: string, weight: number])[];

/** `local-coder-32b` has no known price, so the demo also shows what is said then. */
const EARLIER_MODELS: Chances = [
  ['claude-opus-5', 60],
  ['claude-sonnet-5', 36],
  ['local-coder-32b', 4],
];
const LATER_MODELS: Chances = [
  ['claude-opus-5-5', 55],
  ['claude-sonnet-5-5', 40],
  ['local-coder-32b', 2],
  ['claude-opus-5', 3],
];
const EARLIER_SUBAGENT_MODELS: Chances = [
  ['claude-haiku-4-5-20251001', 70],
  ['claude-sonnet-5', 30],
];
const LATER_SUBAGENT_MODELS: Chances = [
  ['claude-haiku-5-5', 75],
  ['claude-sonnet-5-5', 25],
];

/** Appends one step to its transcript, at a time. */
export function writeStep(claudeDir: string, session: Session, step: Step, timeMs: number): void {
  append(transcriptOf(claudeDir, session, step), toText(step, timeMs));
}

function transcriptOf(claudeDir: string, session: Session, step: Step): string {
  const project = join(claudeDir, 'projects', session.cwd.replace(/[^a-zA-Z0-9]/g, '-'));
  if (step.agentId === undefined) return join(project, `${session.sessionId}.jsonl`);
  return join(project, session.sessionId, 'subagents', `agent-${step.agentId}.jsonl`);
}

function toText(step: Step, timeMs: number): string {
  return `${JSON.stringify(step.line(new Date(timeMs).toISOString()))}\n`;
}

function append(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, text);
}
