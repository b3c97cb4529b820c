import type { ActivityFact } from './fact.ts';
import { sessionOf, type Tracker, timeOf } from './tracker.ts';

/** A gap longer than this is a break. */
const LONGEST_GAP_MS = 5 * 60_000;

/** Active time is kept by ten minutes of the clock, so that it belongs to the time at which it was. */
const SLOT_MS = 10 * 60_000;

/**
 * Lines that a fork copied were active in another session.
 * Adds up the time in which something happened in a session: the gaps between the lines of its main transcript, breaks left out. Lines
 * that are earlier than one already seen add nothing, so reading twice does no harm.
 */
export const trackActivity: Tracker = (facts, line, origin) => {
  if (origin.subagent || line.type === 'command' || line.forked) return;
  const sessionId = sessionOf(line, origin);
  const session = facts.get(`session:${sessionId}`);
  if (session?.type !== 'session' || !session.begun) return;
  const timeMs = timeOf(line, origin);
  const gapMs = timeMs - session.lastMainMs;
  if (session.lastMainMs === 0 || gapMs <= 0 || gapMs > LONGEST_GAP_MS) return;
  const key = `active:${sessionId}:${Math.floor(timeMs / SLOT_MS)}`;
  const known = facts.get(key);
  const slot: ActivityFact =
    known?.type === 'activity' ? { ...known } : { type: 'activity', key, timeMs, sessionId, activeMs: 0, settled: false };
  slot.activeMs += gapMs;
  slot.timeMs = timeMs;
  facts.put(slot);
};
