import { createContext, createSignal, useContext } from 'solid-js';
import type { Mark } from '../store/marks.ts';
import type { Range } from '../store/range.ts';

/** What the charts of a view share: the moment pointed at, and the way to look closer. */
export interface SharedCharts {
  /** The moment that the pointer is on, and the chart that it is in. */
  pointed(): { seconds: number; chart: string } | null;
  point(at: { seconds: number; chart: string } | null): void;
  /** Looks at a part of the range; none where charts cannot be zoomed. */
  zoom: ((range: Range) => void) | null;
  /** What stands on their time axis. */
  marks(): readonly Mark[];
}

const SharedChartsContext = createContext<SharedCharts>();
export const SharedChartsProvider = SharedChartsContext.Provider;

export function createSharedCharts(zoom: SharedCharts['zoom'], marks: SharedCharts['marks'] = () => []): SharedCharts {
  const [pointed, point] = createSignal<{ seconds: number; chart: string } | null>(null);
  return { pointed, point, zoom, marks };
}

/** Those of the view; a chart that stands alone has its own. */
export function useSharedCharts(): SharedCharts {
  return useContext(SharedChartsContext) ?? createSharedCharts(null);
}
