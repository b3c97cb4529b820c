import type { ContinuationFact } from './fact.ts';
import { isCopied, OVER_AFTER_MS } from './sessions.ts';
import { sessionOf, type Tracker, timeOf } from './tracker.ts';

/**
 * Counts sessions that go on from something: taken up again when nothing had been written for half an hour, each time; and begun as a fork
 * of another, with the first line that is their own. Looks at the session as it was before the line. Does not see: a resume before 2.0,
 * which began a new session with a copy of the old one; forks whose lines do not say so.
 */
export const trackContinuations: Tracker = (facts, line, origin) => {
  if (origin.subagent || line.type === 'command') return;
  const sessionId = sessionOf(line, origin);
  const session = facts.get(`session:${sessionId}`);
  if (session?.type !== 'session' || isCopied(line, session)) return;
  const timeMs = timeOf(line, origin);
  const put = (how: ContinuationFact['how'], name: string) =>
    facts.put({ type: 'continuation', key: `continuation:${sessionId}:${name}`, timeMs, sessionId, how, settled: false });
  if (session.begun) {
    if (timeMs - session.lastMainMs > OVER_AFTER_MS) put('resumed', String(timeMs));
  } else if (session.forked) put('forked', 'forked');
};
