import type { Family, Point } from './points.ts';

/**
 * Shows a series that appears after the first look once at 0, so that whoever computes an increase sees the whole of it. What was
 * there at the first look is shown as it is: it is history, not an increase. Each reader has its own.
 */
export function createBirths(): (families: readonly Family[]) => Family[] {
  let seen: Set<number> | undefined;
  return (families) => {
    const first = seen === undefined;
    const known = seen ?? new Set<number>();
    seen = known;
    const born = (point: Point) => {
      if (point.seriesId === undefined || known.has(point.seriesId)) return point;
      known.add(point.seriesId);
      return first ? point : { ...point, value: 0 };
    };
    return families.map(({ metric, points }) => ({ metric, points: points.map(born) }));
  };
}
