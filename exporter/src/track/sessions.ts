import { UNKNOWN } from '../contract/index.ts';
import type { Line } from '../parse/line.ts';
import type { Origin, SessionFact } from './fact.ts';
import { sessionOf, type Tracker, timeOf } from './tracker.ts';

/**
 * Keeps what is known of each session: when it began, its last line, project, model, branch, version and whether a turn is under way.
 *
 * A session begins with the first user or assistant line of its main transcript. Its project is the last part of the first working
 * directory of that transcript, not of the transcript's folder, whose name cannot be turned back into a path. What a fork copied from
 * another session happened there: the fork begins with the first line that is its own. Nothing in the files
 * marks an end: `summary` lines are about other sessions. So a session is over when nothing has been written for a while, and goes
 * on when something is.
 */
export const trackSessions: Tracker = (facts, line, origin) => {
  if (line.type === 'command') return;
  const sessionId = sessionOf(line, origin);
  const key = `session:${sessionId}`;
  const known = facts.get(key);
  const session = known?.type === 'session' ? { ...known } : unknownSession(key, sessionId, timeOf(line, origin));
  observe(session, line, origin);
  facts.put(session);
};

function unknownSession(key: string, sessionId: string, timeMs: number): SessionFact {
  return {
    type: 'session',
    key,
    sessionId,
    timeMs,
    lastMs: 0,
    lastMainMs: 0,
    project: UNKNOWN,
    projectRank: 0,
    projectMs: timeMs,
    begun: false,
    model: UNKNOWN,
    branch: '',
    version: UNKNOWN,
    turnOpen: false,
    toldOpen: false,
    ended: false,
    durationMs: 0,
    settled: false,
  };
}

function observe(session: SessionFact, line: Line, origin: Origin): void {
  const timeMs = timeOf(line, origin);
  observeProject(session, line, origin, timeMs);
  if (isCopied(line, session)) {
    session.forked = true;
    return;
  }
  observeBegin(session, timeMs, origin);
  session.lastMs = Math.max(session.lastMs, timeMs);
  if (origin.subagent || timeMs < session.lastMainMs) return;
  session.lastMainMs = timeMs;
  if (line.sidechain) return;
  if (line.branch !== undefined) session.branch = line.branch;
  if (line.version !== undefined) session.version = line.version;
  if (line.type === 'response') session.model = line.model;
  session.turnOpen = isTurnOpen(session.turnOpen, line);
}

/**
 * Times of a main transcript stand above those of its subagents: the session begins when the person does. Once that has been counted it
 * stays; before a session has begun nothing is counted of it.
 */
function observeBegin(session: SessionFact, timeMs: number, origin: Origin): void {
  if (session.settled && session.begun) return;
  if (!origin.subagent) {
    session.timeMs = session.begun ? Math.min(session.timeMs, timeMs) : timeMs;
    session.begun = true;
  } else if (!session.begun) session.timeMs = Math.min(session.timeMs, timeMs);
}

/**
 * A fork copied the line from another session. Of a plain result only the call is read, so that it may not say so; a session does not begin
 * with one.
 */
export function isCopied(line: Line, { forked, begun }: Pick<SessionFact, 'forked' | 'begun'>): boolean {
  return line.forked === true || (forked === true && !begun && line.type === 'tool_result');
}

function observeProject(session: SessionFact, line: Line, origin: Origin, timeMs: number): void {
  if (line.cwd === undefined || session.settled) return;
  const rank = origin.subagent ? 1 : 2;
  if (!isBetterPlace({ projectRank: rank, projectMs: timeMs }, session)) return;
  session.project = projectOf(line.cwd);
  session.projectRank = rank;
  session.projectMs = timeMs;
}

/**
 * Puts together what is known of a session and what one transcript tells, which is the main one or a subagent's. Where both know of the
 * main transcript, only its lines can tell: undefined.
 */
export function mergeSessions(known: SessionFact, seen: SessionFact): SessionFact | undefined {
  if (known.begun && seen.begun) return undefined;
  const main = seen.begun ? seen : known;
  const { project, projectRank, projectMs } = !known.settled && isBetterPlace(seen, known) ? seen : known;
  const begunMs = known.begun || seen.begun ? main.timeMs : Math.min(known.timeMs, seen.timeMs);
  return {
    ...known,
    timeMs: known.settled && known.begun ? known.timeMs : begunMs,
    begun: main.begun,
    lastMs: Math.max(known.lastMs, seen.lastMs),
    lastMainMs: main.lastMainMs,
    project,
    projectRank,
    projectMs,
    model: main.model,
    branch: main.branch,
    version: main.version,
    turnOpen: main.turnOpen,
    ...(known.forked || seen.forked ? { forked: true } : {}),
  };
}

function isBetterPlace(a: Pick<SessionFact, 'projectRank' | 'projectMs'>, b: Pick<SessionFact, 'projectRank' | 'projectMs'>): boolean {
  return a.projectRank > b.projectRank || (a.projectRank === b.projectRank && a.projectMs < b.projectMs);
}

/** Worktrees that Claude Code makes lie inside of the repository they belong to. */
const WORKTREE = /[/\\]\.claude[/\\]worktrees([/\\].*)?$/;

/** The project of a working directory. */
export function projectOf(cwd: string): string {
  return lastPart(cwd.replace(WORKTREE, ''));
}

/** The last part of a path, with slashes either way; a root is its own name. */
function lastPart(path: string): string {
  const parts = path.split(/[/\\]+/).filter((part) => part !== '');
  return parts.at(-1) ?? (path === '' ? UNKNOWN : path);
}

function isTurnOpen(before: boolean, line: Line): boolean {
  switch (line.type) {
    case 'prompt':
      return true;
    case 'response':
      return !line.turnEnded;
    case 'api_error':
      return false;
    case 'tool_result':
    case 'command':
      return before;
    case 'other':
      return before && !line.interrupted;
  }
}

export type SessionState = 'working' | 'waiting' | 'idle' | 'over';

/** After this long without a line a session is idle, and then over. */
export const IDLE_AFTER_MS = 5 * 60_000;
export const OVER_AFTER_MS = 30 * 60_000;

/**
 * What a session is doing at a time: `working` while a turn is under way, `waiting` when it is the user's move.
 *
 * Where Claude Code keeps a file of the running session, that is better evidence than the age of the last line: a session whose process
 * is gone is over at once, until a later line shows that it goes on; one whose process runs is never over, and works as long as it is busy.
 */
export function stateOf(session: SessionFact, nowMs: number): SessionState {
  const { process, lastMs, turnOpen } = session;
  if (process === undefined || (process.status === 'gone' && lastMs > process.atMs)) return stateOfLines(session, nowMs);
  if (process.status === 'gone') return 'over';
  const toldLast = process.status !== 'open' && process.atMs >= lastMs;
  if (toldLast ? process.status === 'busy' : turnOpen && process.status === 'busy') return 'working';
  if (nowMs - lastMs > IDLE_AFTER_MS) return 'idle';
  return !toldLast && turnOpen ? 'working' : 'waiting';
}

function stateOfLines(session: SessionFact, nowMs: number): SessionState {
  const age = nowMs - session.lastMs;
  if (age > OVER_AFTER_MS) return 'over';
  if (age > IDLE_AFTER_MS) return 'idle';
  return session.turnOpen ? 'working' : 'waiting';
}
