/** Lets those who ask the same at the same time have one answer. */
export interface Share<Answer> {
  /** `work` is told when nobody wants its answer any longer. */
  ask(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<Answer>): Promise<Answer>;
}

interface Flight<Answer> {
  answer: Promise<Answer>;
  abort: AbortController;
  askers: number;
}

/**
 * An answer is only given to those who asked before its work began, so nobody gets one that is older than the question. While a question is
 * under way, all who come with the same wait for the next one together: of any number at most two are worked on, one after the other.
 */
export function createShare<Answer>(): Share<Answer> {
  const running = new Map<string, Flight<Answer>>();
  const next = new Map<string, Flight<Answer>>();

  function begin(key: string, work: (signal: AbortSignal) => Promise<Answer>): Flight<Answer> {
    const abort = new AbortController();
    const answer = work(abort.signal).finally(() => {
      running.delete(key);
    });
    const flight = { answer, abort, askers: 0 };
    running.set(key, flight);
    return flight;
  }

  function beginAfter(key: string, current: Flight<Answer>, work: (signal: AbortSignal) => Promise<Answer>): Flight<Answer> {
    const abort = new AbortController();
    const answer = current.answer.then(ignore, ignore).then(() => {
      next.delete(key);
      running.set(key, flight);
      return work(abort.signal).finally(() => running.delete(key));
    });
    const flight: Flight<Answer> = { answer, abort, askers: 0 };
    next.set(key, flight);
    return flight;
  }

  return {
    ask(key, signal, work) {
      if (signal.aborted) return Promise.reject(signal.reason);
      const current = running.get(key);
      const flight = next.get(key) ?? (current === undefined ? begin(key, work) : beginAfter(key, current, work));
      return board(flight, signal);
    },
  };
}

/** Waits with the others; the last one who leaves ends the work. */
function board<Answer>(flight: Flight<Answer>, signal: AbortSignal): Promise<Answer> {
  flight.askers += 1;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const leave = () => {
    flight.askers -= 1;
    if (flight.askers === 0) flight.abort.abort(signal.reason);
    reject(signal.reason);
  };
  signal.addEventListener('abort', leave, { once: true });
  flight.answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  return promise;
}

function ignore(): void {}
