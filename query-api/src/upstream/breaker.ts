/** Stops asking one that has failed again and again, and tries now and then whether it is back. */
export interface Breaker {
  /** 0 where it may be asked, else the milliseconds after which it is tried again. Who is let in has to tell what came of it. */
  waitMs(): number;
  /** What came of a question; `undefined` where that says nothing, such as an asker who left. */
  tell(answered: boolean | undefined): void;
  isOpen(): boolean;
}

export interface BreakerOptions {
  /** Milliseconds of a clock that never goes back. */
  clock(): number;
  /** Failures in a row, without one answer between them, after which nobody is let in. */
  failures?: number;
  /** The first pause; each further one is twice as long. */
  pauseMs?: number;
  maxPauseMs?: number;
}

const FAILURES = 5;
const PAUSE_MS = 1000;
/** A dashboard that waits for Prometheus to come back should not wait much longer than a person would. */
const MAX_PAUSE_MS = 10_000;

export function createBreaker({ clock, failures = FAILURES, pauseMs = PAUSE_MS, maxPauseMs = MAX_PAUSE_MS }: BreakerOptions): Breaker {
  let failed = 0;
  let untilMs = 0;
  let trying = false;

  function pauseOf(): number {
    return Math.min(maxPauseMs, pauseMs * 2 ** Math.min(20, failed - failures));
  }

  return {
    waitMs() {
      if (failed < failures) return 0;
      const wait = untilMs - clock();
      if (wait > 0) return wait;
      // One goes to see; the others wait for what it finds.
      if (trying) return pauseMs;
      trying = true;
      return 0;
    },
    tell(answered) {
      trying = false;
      if (answered === undefined) return;
      failed = answered ? 0 : failed + 1;
      if (failed >= failures) untilMs = clock() + pauseOf();
    },
    isOpen: () => failed >= failures,
  };
}
