import { statSync } from 'node:fs';

const CHECK_MS = 1000;

/**
 * Calls back when a file has changed. It is looked at, not listened to: editors and mounted secrets replace files in ways that no one
 * event tells. What counts is its state at the time of this call, so it is called before the first reading. Gives back how to stop.
 */
export function followFile(path: string, changed: () => void, checkMs = CHECK_MS): () => void {
  let before = stateOf(path);
  const timer = setInterval(() => {
    const now = stateOf(path);
    if (now === before) return;
    before = now;
    changed();
  }, checkMs);
  timer.unref();
  return () => clearInterval(timer);
}

function stateOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? '' : `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
}
