import type { Family, Point } from './points.ts';

/** Gives the families as one reader is shown them. Each reader has its own. */
export type Births = (families: readonly Family[]) => Family[];

/**
 * Shows a series that appears after the first look once at 0, so that whoever computes an increase sees the whole of it. What was
 * there at the first look is shown as it is: it is history, not an increase.
 *
 * @param hasBegun false while the first scan runs: before it is done there is nothing to see, so a look then is not the first
 */
export function createBirths(hasBegun: () => boolean = () => true): Births {
  let seen: Set<number> | undefined;
  return (families) => {
    const known = seen;
    seen ??= firstLook(families, hasBegun());
    if (known === undefined) return [...families];
    const shown = (point: Point) => {
      if (point.seriesId === undefined || known.has(point.seriesId)) return point;
      known.add(point.seriesId);
      return { ...point, value: 0 };
    };
    return families.map(({ metric, points }) => ({ metric, points: points.map(shown) }));
  };
}

function firstLook(families: readonly Family[], hasBegun: boolean): Set<number> | undefined {
  const known = new Set<number>();
  for (const { points } of families) for (const { seriesId } of points) if (seriesId !== undefined) known.add(seriesId);
  return known.size > 0 || hasBegun ? known : undefined;
}
