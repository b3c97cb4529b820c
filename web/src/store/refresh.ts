/** Wait after the first event, so that a burst is one refresh. */
export const DEBOUNCE_MS = 300;
/** After a refresh that took long the next one waits this many times as long, so that a slow server is not kept busy. */
const REST_FACTOR = 3;

export interface Refresher {
  /** Something has changed. */
  request(): void;
  close(): void;
}

/**
 * Runs `refresh` soon after a request: many requests make one run, and runs never overlap. Between two runs lie at least `leastMs`;
 * without an end there is none at all.
 */
export function createRefresher(
  refresh: () => Promise<unknown>,
  now: () => number = () => performance.now(),
  leastMs: () => number = () => 0,
): Refresher {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let again = false;
  let restUntil = 0;
  let lastRun = now();

  function schedule(): void {
    const least = lastRun + leastMs();
    if (least === Number.POSITIVE_INFINITY) return;
    timer ??= setTimeout(run, Math.max(DEBOUNCE_MS, restUntil - now(), least - now()));
  }
  async function run(): Promise<void> {
    timer = undefined;
    running = true;
    lastRun = now();
    await refresh().catch(() => undefined);
    running = false;
    restUntil = now() + REST_FACTOR * (now() - lastRun);
    if (again) schedule();
    again = false;
  }
  return {
    request() {
      if (running) again = true;
      else schedule();
    },
    close: () => clearTimeout(timer),
  };
}
