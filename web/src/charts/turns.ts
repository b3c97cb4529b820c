/**
 * Work that is done piece by piece, each in a task of its own, so that the page answers between two of them. New numbers reach all charts of
 * a view at once, and drawing them in one go would hold it up for as long as all of them take.
 */
export function createTurns(): (job: () => void) => () => void {
  const waiting = new Set<() => void>();
  const channel = new MessageChannel();
  const next = () => channel.port2.postMessage(null);
  channel.port1.onmessage = () => {
    const [job] = waiting;
    if (!job) return;
    waiting.delete(job);
    if (waiting.size > 0) next();
    job();
  };
  return (job) => {
    // The same function twice is two jobs.
    const mine = () => job();
    waiting.add(mine);
    if (waiting.size === 1) next();
    return () => waiting.delete(mine);
  };
}

/** Does the job when its turn comes; gives back what takes it out of the line. One line for the page. */
export const takeTurn = createTurns();
