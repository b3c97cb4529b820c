import { createContext, createSignal, useContext } from 'solid-js';
import type { Range } from '../store/range.ts';

/** What the charts of a view share: the moment pointed at, and the way to look closer. */
export interface SharedCharts {
  /** The moment that the pointer is on, and the chart that it is in. */
  pointed(): { seconds: number; chart: string } | null;
  point(at: { seconds: number; chart: string } | null): void;
  /** Looks at a part of the range; none where charts cannot be zoomed. */
  zoom: ((range: Range) => void) | null;
}

const SharedChartsContext = createContext<SharedCharts>();
export const SharedChartsProvider = SharedChartsContext.Provider;

export function createSharedCharts(zoom: SharedCharts['zoom']): SharedCharts {
  const [pointed, point] = createSignal<{ seconds: number; chart: string } | null>(null);
  return { pointed, point, zoom };
}

/** Those of the view; a chart that stands alone has its own. */
export function useSharedCharts(): SharedCharts {
  return useContext(SharedChartsContext) ?? createSharedCharts(null);
}
