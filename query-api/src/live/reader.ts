import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { ApiError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { createGate } from '../upstream/gate.ts';
import { createEventQuestions, type EventQuestions } from './event-questions.ts';
import { createSessionQuestions, type SessionQuestions } from './session-questions.ts';
import { createStatsQuestions, type StatsQuestions } from './stats.ts';

/** Everything that can be asked of the file. */
export type Questions = EventQuestions & SessionQuestions & StatsQuestions;

/** Asks the file. Throws ApiError; `signal` ends the question with its asker, as long as it has not begun. */
export interface Reader {
  ask<Name extends keyof Questions>(
    name: Name,
    args: Parameters<Questions[Name]>,
    signal: AbortSignal,
  ): Promise<ReturnType<Questions[Name]>>;
  close(): Promise<void>;
}

/** What a thread is asked, and what it answers. */
export interface Asked {
  name: keyof Questions;
  args: unknown[];
}
export type Answered = { answer: unknown } | { error: string };

/** All questions of an open file. */
export function createQuestions(database: DatabaseSync): Questions {
  return { ...createEventQuestions(database), ...createSessionQuestions(database), ...createStatsQuestions(database) };
}

/** Asks in this thread: for a store in memory, which no other thread can see. */
export function createLocalReader(database: DatabaseSync): Reader {
  const questions = createQuestions(database);
  return {
    ask: async (name, args) => call(questions, { name, args }) as ReturnType<Questions[typeof name]>,
    close: async () => {},
  };
}

/** Calls a question by its name. */
export function call(questions: Questions, { name, args }: Asked): unknown {
  // The name and its arguments belong together; the compiler cannot follow that through the table.
  return (questions[name] as (...given: unknown[]) => unknown)(...args);
}

/** Threads that read: one question may take a second over a year of a team, and another one should not wait for it. */
const THREADS = 2;
const IN_LINE = 200;

/** Asks in threads of their own, with their own connections to the file, so that nothing else waits for a long question. */
export function createThreadReader(path: string, log: Logger): Reader {
  const gate = createGate(THREADS, IN_LINE, 'the file of events');
  const free: Worker[] = [];
  let closed = false;

  async function askThread(asked: Asked): Promise<unknown> {
    const worker = free.pop() ?? new Worker(new URL('./reader-thread.ts', import.meta.url), { workerData: path });
    // One that waits for questions keeps nobody from leaving.
    worker.unref();
    const answered = await answerOf(worker, asked).catch((cause: unknown) => {
      log.error({ err: cause }, 'a thread that reads ended');
      throw new ApiError(503, 'store_unavailable', 'Events cannot be read now; ask again later.', { cause });
    });
    if (closed) void worker.terminate();
    else free.push(worker);
    if ('error' in answered)
      throw new ApiError(503, 'store_unavailable', 'Events cannot be read now; ask again later.', { cause: new Error(answered.error) });
    return answered.answer;
  }

  return {
    // What comes back is what the question of that name gives.
    ask: (name, args, signal) => gate.pass(signal, () => askThread({ name, args })) as Promise<ReturnType<Questions[typeof name]>>,
    async close() {
      closed = true;
      await Promise.all(free.splice(0).map((worker) => worker.terminate()));
    },
  };
}

function answerOf(worker: Worker, asked: Asked): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const exit = (code: number) => reject(new Error(`it ended with ${code}`));
  worker.once('message', resolve).once('error', reject).once('exit', exit);
  worker.postMessage(asked);
  return promise.finally(() => worker.off('message', resolve).off('error', reject).off('exit', exit));
}
