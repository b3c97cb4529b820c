import type { Family, Point } from './points.ts';

/** What one reader has seen of the series. Each reader has its own. */
export interface Births {
  /** The families as this reader is shown them. */
  show(families: readonly Family[]): Family[];
  /** What was shown last has not arrived: what was born in it is born again next time. */
  undo(): void;
  /** True where the next look would show a series for the first time. */
  areDue(families: readonly Family[]): boolean;
}

/**
 * Shows a series that appears after the first look once at 0, so that whoever computes an increase sees the whole of it. What was
 * there at the first look is shown as it is: it is history, not an increase.
 *
 * @param hasBegun false while the first scan runs: before it is done there is nothing to see, so a look then is not the first
 */
export function createBirths(hasBegun: () => boolean = () => true): Births {
  let seen: Set<number> | undefined;
  let born: number[] = [];
  const firstLook = (families: readonly Family[]): Set<number> | undefined => {
    const known = new Set<number>();
    for (const { points } of families) for (const { seriesId } of points) if (seriesId !== undefined) known.add(seriesId);
    return known.size > 0 || hasBegun() ? known : undefined;
  };
  return {
    show(families) {
      born = [];
      const known = seen;
      seen ??= firstLook(families);
      if (known === undefined) return [...families];
      const shown = (point: Point) => {
        if (point.seriesId === undefined || known.has(point.seriesId)) return point;
        known.add(point.seriesId);
        born.push(point.seriesId);
        return { ...point, value: 0 };
      };
      return families.map(({ metric, points }) => ({ metric, points: points.map(shown) }));
    },
    undo() {
      for (const seriesId of born) seen?.delete(seriesId);
      born = [];
    },
    areDue(families) {
      const known = seen;
      if (known === undefined) return false;
      return families.some(({ points }) => points.some(({ seriesId }) => seriesId !== undefined && !known.has(seriesId)));
    },
  };
}
