import { type Label, type LabelName, labels, OTHER, UNKNOWN } from '../contract/index.ts';

/** A longer value is no name of anything. Names of files end at 255 bytes. */
const MAX_VALUE_CHARACTERS = 256;

/** Before they are ranked, so many times the limit of new values of a label are told apart. */
const CANDIDATES_PER_PLACE = 20;

/** So many values that found no room are remembered by name for each label. */
const MAX_FOLDED = 10_000;

/** A metric has so many series at the most, those of `other` apart: what all labels together may make of it. */
export const MAX_SERIES_OF_A_METRIC = 20_000;

/** Values that stand for no name, and need no place among the names. */
const PLACELESS = new Set(['', UNKNOWN, OTHER]);

/** The values of one label with a limit. */
interface Places {
  limit: number;
  /** Shown by name for good: series bear them. */
  admitted: Set<string>;
  /** Shown as `other` for good: what was counted of them stays there, also where the limit is raised. */
  folded: Set<string>;
  /** New in what is being counted now; whether there is room for all of them is seen at its end. */
  candidates: Set<string>;
  /** Shown by gauges alone, while there is room. */
  guests: Set<string>;
}

/** How full the places of one label are. */
export interface Fill {
  label: string;
  limit: number;
  admitted: number;
  folded: number;
}

/**
 * Which values of the open labels are shown by name; the others are `other`. A value that has been shown by name is so for ever, and one that
 * has been folded stays folded, so that nothing that was counted moves. Where more new values come at once than there is room for, as in the
 * first scan, the most used get the places.
 */
export class LabelBounds {
  readonly #places = new Map<string, Places>();

  constructor(folded: Readonly<Record<string, readonly string[]>> = {}) {
    for (const [label, row] of Object.entries(labels) as [LabelName, Label][]) {
      if (row.limit === undefined) continue;
      const empty = () => new Set<string>();
      this.#places.set(label, {
        limit: row.limit,
        admitted: empty(),
        folded: new Set(Object.hasOwn(folded, label) ? folded[label] : []),
        candidates: empty(),
        guests: empty(),
      });
    }
  }

  /** A series with this value exists: it is admitted, whatever the limit. */
  know(label: string, value: string): void {
    if (!PLACELESS.has(value)) this.#places.get(label)?.admitted.add(value);
  }

  /** The value under which a counter counts. A new one gets a place where there may be one. */
  admit(label: string, value: string): string {
    const places = this.#places.get(label);
    if (places === undefined) return value;
    const { admitted, candidates, folded, limit } = places;
    if (admitted.has(value) || candidates.has(value) || PLACELESS.has(value)) return value;
    if (folded.has(value) || value.length > MAX_VALUE_CHARACTERS) return OTHER;
    if (admitted.size >= limit) {
      remember(folded, value);
      return OTHER;
    }
    if (candidates.size >= limit * CANDIDATES_PER_PLACE) return OTHER;
    candidates.add(value);
    return value;
  }

  /** The value that a gauge shows: it takes no place from a counter. */
  show(label: string, value: string): string {
    const places = this.#places.get(label);
    if (places === undefined) return value;
    const { admitted, candidates, folded, guests, limit } = places;
    if (admitted.has(value) || candidates.has(value) || PLACELESS.has(value)) return value;
    if (folded.has(value) || value.length > MAX_VALUE_CHARACTERS) return OTHER;
    if (admitted.size + guests.size > limit) guests.clear();
    if (!guests.has(value) && admitted.size + guests.size >= limit) return OTHER;
    guests.add(value);
    return value;
  }

  /** Labels that got more new values than there is room for; what was counted with them has to be counted again after {@link decide}. */
  overflowing(): string[] {
    return [...this.#places]
      .filter(([, { admitted, candidates, limit }]) => admitted.size + candidates.size > limit)
      .map(([label]) => label);
  }

  /** There was room for all new values: they are admitted. */
  confirm(): void {
    for (const { admitted, candidates, guests } of this.#places.values()) {
      for (const value of candidates) {
        admitted.add(value);
        guests.delete(value);
      }
      candidates.clear();
    }
  }

  /** Gives the places that are left to the most used of the new values, and folds the others. `useOf` says how much each was used. */
  decide(useOf: (label: string) => ReadonlyMap<string, number>): void {
    for (const label of this.overflowing()) {
      const places = this.#places.get(label);
      if (places === undefined) continue;
      const { admitted, candidates, folded, limit } = places;
      const use = useOf(label);
      // Equally used ones by name, so that the same files always give the same places.
      const ranked = [...candidates].sort((a, b) => (use.get(b) ?? 0) - (use.get(a) ?? 0) || (a < b ? -1 : 1));
      const room = limit - admitted.size;
      for (const value of ranked.slice(0, room)) admitted.add(value);
      for (const value of ranked.slice(room)) remember(folded, value);
    }
    for (const { candidates } of this.#places.values()) candidates.clear();
  }

  /** How full the places of each label are. */
  fill(): Fill[] {
    return [...this.#places].map(([label, { limit, admitted, folded }]) => ({
      label,
      limit,
      admitted: admitted.size,
      folded: folded.size,
    }));
  }

  /** What has to be kept beside the series themselves. */
  folded(): Record<string, string[]> {
    return Object.fromEntries(
      [...this.#places].filter(([, { folded }]) => folded.size > 0).map(([label, { folded }]) => [label, [...folded]]),
    );
  }

  /** How many values have been folded, so that a change is noticed. */
  get foldedCount(): number {
    return [...this.#places.values()].reduce((sum, { folded }) => sum + folded.size, 0);
  }
}

function remember(folded: Set<string>, value: string): void {
  if (folded.size < MAX_FOLDED) folded.add(value);
}

/** Labels with everything that has a limit as `other`: where a series goes whose metric has no room for it. */
export function withoutNames(given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const row: Label | undefined = Object.hasOwn(labels, name) ? labels[name as LabelName] : undefined;
      return [name, row?.limit === undefined ? value : OTHER];
    }),
  );
}
