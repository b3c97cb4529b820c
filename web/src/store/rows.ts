/**
 * A list that grows at its end and keeps a bound. Adding gives a new list and leaves the old one as it was, without copying: lists share what
 * they have in common, each with its own beginning and end.
 */
export class Rows<Row> {
  readonly length: number;
  readonly #shared: Row[];
  readonly #start: number;

  private constructor(shared: Row[], start: number, end: number) {
    this.#shared = shared;
    this.#start = start;
    this.length = end - start;
  }

  static of<Row>(rows: readonly Row[] = []): Rows<Row> {
    return new Rows([...rows], 0, rows.length);
  }

  at(index: number): Row | undefined {
    return index >= 0 && index < this.length ? this.#shared[this.#start + index] : undefined;
  }

  /** The rows from a place on. */
  from(index: number): Row[] {
    return this.#shared.slice(this.#start + Math.max(0, index), this.#start + this.length);
  }

  /** With more rows at the end; of all of them the newest `most`. */
  add(rows: readonly Row[], most: number): Rows<Row> {
    if (rows.length === 0 && this.length <= most) return this;
    const end = this.#start + this.length;
    // Somebody else has added to the same beginning, or what was dropped takes as much room as what is kept.
    const alone = this.#shared.length === end && this.#start <= most;
    const shared = alone ? this.#shared : this.#shared.slice(this.#start, end);
    const start = alone ? this.#start : 0;
    for (const row of rows) shared.push(row);
    return new Rows(shared, Math.max(start, shared.length - most), shared.length);
  }

  /** Without the rows at the beginning that are no longer wanted. */
  dropWhile(unwanted: (row: Row) => boolean): Rows<Row> {
    let index = 0;
    while (index < this.length && unwanted(this.#shared[this.#start + index] as Row)) index += 1;
    return index === 0 ? this : new Rows(this.#shared, this.#start + index, this.#start + this.length);
  }
}
