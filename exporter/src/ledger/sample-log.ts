import type { Statements } from './statements.ts';

/** A sample as a sink takes it: whole numbers as in the ledger. */
export interface LoggedSample {
  seq: number;
  seriesId: number;
  timeMs: number;
  value: number;
}

/** The change log: every value of every series in the order in which they are written to sinks, and how far each sink has got. */
export class SampleLog {
  readonly #run: Statements;
  /** The number of the last sample that there is, and of the last that there ever was. */
  #last = 0;
  #largest = 0;

  constructor(run: Statements) {
    this.#run = run;
    this.load();
  }

  /** Forgets what is only in memory. */
  load(): void {
    this.#last = this.#run.lastSeq();
    this.#largest = Math.max(this.#last, this.#run.largestSinkSeq(), Number(this.#run.meta('last_seq') || 0));
  }

  add(seriesId: number, timeMs: number, value: number): void {
    this.#largest += 1;
    this.#last = this.#largest;
    this.#run.addSample(this.#last, seriesId, timeMs, value);
  }

  /** Up to `limit` samples that a sink does not have yet, oldest first. */
  first(sink: string, limit: number): LoggedSample[] {
    return this.#run.samplesAfter(this.#seqOf(sink), limit);
  }

  /** How many samples a sink does not have yet. */
  pending(sink: string): number {
    return Math.max(0, this.#last - this.#seqOf(sink));
  }

  /** A sink has everything up to this sample. */
  acknowledge(sink: string, seq: number): void {
    this.#run.setSinkSeq(sink, seq);
  }

  /** Sinks that are not known have everything there is so far. */
  forgetPast(): void {
    this.#run.setMeta('first_seq', String(this.#largest));
  }

  #seqOf(sink: string): number {
    return this.#run.sinkSeq(sink) ?? Number(this.#run.meta('first_seq') || 0);
  }
}
