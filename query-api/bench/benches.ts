import { eventBenches } from './events.ts';
import { proxy } from './proxy.ts';

/** Every bench of the query API, by name: gives back the lines to print. */
export const benches: Record<string, () => Promise<string[]>> = { proxy, ...eventBenches };
