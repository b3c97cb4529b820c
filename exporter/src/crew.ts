import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Answer, Part, Task } from './crew-worker.ts';
import type { Fact } from './track/fact.ts';
import { Unpacker } from './track/pack.ts';

/** What came of one file: how it was read, and the facts that it tells. */
export interface FileRead<File extends Task> {
  file: File;
  part: Part;
  facts: Fact[];
}

/** For less than this to read, threads are not worth their start. */
export const WORTH_THREADS_BYTES = 8 * 1024 * 1024;

/** How many threads read: more of them read faster than one can count. */
export function crewSize(): number {
  return Math.min(availableParallelism(), 3);
}

/** So many groups are with each thread at a time: it does not wait while this one does something else. What comes of a group is small. */
const AHEAD = 12;

/**
 * Threads that read files and find the lines in them, while this one counts. A first scan has hundreds of megabytes to read; what was
 * garbage on the way goes with the threads.
 */
export class Crew {
  readonly #threads: Thread[];

  constructor(threads: number) {
    this.#threads = Array.from({ length: threads }, () => new Thread());
  }

  /**
   * Has files read from their beginnings, and gives back what came of each, in their order.
   *
   * @throws Error when a thread broke down
   */
  async *read<File extends Task & { bytes: number }>(files: Iterable<File>): AsyncGenerator<FileRead<File>[]> {
    const waiting = groupFiles(files);
    const given: { group: readonly File[]; answer: Promise<Answer> }[] = [];
    const give = (thread: Thread) => {
      const next = waiting.next();
      if (!next.done) given.push({ group: next.value, answer: thread.read(next.value) });
    };
    for (let ahead = 0; ahead < AHEAD; ahead++) this.#threads.forEach(give);
    for (let next = given.shift(); next !== undefined; next = given.shift()) {
      const { parts, facts } = await next.answer;
      const idlest = this.#threads.reduce((least, thread) => (thread.busy < least.busy ? thread : least));
      give(idlest);
      const unpacker = new Unpacker(facts);
      yield next.group.flatMap((file, at) => {
        const part = parts[at];
        return part === undefined ? [] : [{ file, part, facts: unpacker.takeUntil(part.end) }];
      });
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

/** One thread. It answers in the order in which it was asked. */
class Thread {
  readonly #worker = new Worker(new URL('./crew-start.js', import.meta.url), LIMITS);
  readonly #asked: PromiseWithResolvers<Answer>[] = [];

  constructor() {
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#asked.shift()?.resolve(answer));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('a thread that reads transcripts has ended')));
  }

  /** How many answers are outstanding. */
  get busy(): number {
    return this.#asked.length;
  }

  read(tasks: readonly Task[]): Promise<Answer> {
    const answer = Promise.withResolvers<Answer>();
    // Somebody waits for it later; until then a failure is no news.
    answer.promise.catch(() => {});
    this.#asked.push(answer);
    this.#worker.ref();
    this.#worker.postMessage(tasks.map(({ path, origin }): Task => ({ path, origin })));
    return answer.promise;
  }

  async close(): Promise<void> {
    this.#worker.removeAllListeners('exit');
    await this.#worker.terminate();
  }

  #fail(error: unknown): void {
    for (const answer of this.#asked.splice(0)) answer.reject(error);
  }
}

/** Most objects of a reader live for one line, so they get room to die young. */
const LIMITS = { resourceLimits: { maxYoungGenerationSizeMb: 8 } };

/** So much is read by one thread before it gets something else. */
const GROUP_BYTES = 4 * 1024 * 1024;
const GROUP_FILES = 64;

/** Puts files together so that a group is worth sending around. */
function* groupFiles<File extends { bytes: number }>(files: Iterable<File>): Generator<File[]> {
  let group: File[] = [];
  let bytes = 0;
  for (const file of files) {
    group.push(file);
    bytes += file.bytes;
    if (bytes < GROUP_BYTES && group.length < GROUP_FILES) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}
