import { useQuery } from '@tanstack/solid-query';
import { type Accessor, createMemo } from 'solid-js';
import type { FilterOptions } from '../api/client.ts';
import { modelSlots, nameSlots, type Slots } from '../charts/colours.ts';
import { askOptions } from './ask.ts';
import { useServices } from './services.ts';

const NOTHING: FilterOptions = { host: [], project: [], model: [] };

/** All machines, projects and models there are; asked for once, and only when they are needed. */
export function useOptions(needed: () => boolean = () => true): Accessor<FilterOptions> {
  const { api, now } = useServices();
  const known = useQuery(() => ({
    queryKey: ['options'],
    queryFn: async ({ signal }) => askOptions(api, (await api.range(signal)).first, now(), signal),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: needed(),
  }));
  return () => (known.isSuccess ? known.data : NOTHING);
}

/** The colours of all models and projects there are, for views that ask no questions of Prometheus. `more` are models that it may not know yet. */
export function useSlots(more: () => readonly string[]): Accessor<Required<Slots>> {
  const options = useOptions();
  return createMemo(() => ({ model: modelSlots([...options().model, ...more()]), project: nameSlots(options().project) }));
}
