import { ApiError } from '../errors.ts';

/** Lets a few through at a time; the others wait in line, up to a length. */
export interface Gate {
  /** How many are inside, and in line. */
  counts(): { inside: number; waiting: number };
  /** Runs `work` when it is its turn. Who gives up while waiting leaves the line; who finds it full is told so at once. */
  pass<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
}

/** `what` is what stands behind it. Twenty dear queries at once can hold a Prometheus at full load, whoever else needs it; this keeps ours below its own limit of 20. */
export function createGate(atOnce: number, waiting: number, what = 'Prometheus'): Gate {
  let inside = 0;
  const line = new Set<() => void>();

  const leave = () => {
    inside -= 1;
    const [next] = line;
    next?.();
  };
  const enter = (signal: AbortSignal): Promise<void> => {
    if (inside < atOnce) {
      inside += 1;
      return Promise.resolve();
    }
    if (line.size >= waiting)
      throw new ApiError(503, 'busy', `Too many questions wait for ${what}; try again in a moment.`, { retryAfterSeconds: 1 });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => {
      line.delete(turn);
      reject(signal.reason);
    };
    const turn = () => {
      line.delete(turn);
      signal.removeEventListener('abort', giveUp);
      inside += 1;
      resolve();
    };
    line.add(turn);
    signal.addEventListener('abort', giveUp, { once: true });
    return promise;
  };

  return {
    counts: () => ({ inside, waiting: line.size }),
    async pass(signal, work) {
      signal.throwIfAborted();
      await enter(signal);
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
