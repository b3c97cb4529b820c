/** Wait after the first event, so that a burst is one refresh. */
export const DEBOUNCE_MS = 300;
/** After a refresh that took long the next one waits this many times as long, so that a slow server is not kept busy. */
const REST_FACTOR = 3;

export interface Refresher {
  /** Something has changed. */
  request(): void;
  close(): void;
}

/** Runs `refresh` soon after a request: many requests make one run, and runs never overlap. */
export function createRefresher(refresh: () => Promise<unknown>, now: () => number = () => performance.now()): Refresher {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let again = false;
  let notBefore = 0;

  function schedule(): void {
    timer ??= setTimeout(run, Math.max(DEBOUNCE_MS, notBefore - now()));
  }
  async function run(): Promise<void> {
    timer = undefined;
    running = true;
    const started = now();
    await refresh().catch(() => undefined);
    running = false;
    notBefore = now() + REST_FACTOR * (now() - started);
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
