import { useQuery } from '@tanstack/solid-query';
import { type Accessor, createMemo } from 'solid-js';
import { modelSlots, nameSlots, type Slots } from '../charts/colours.ts';
import { askOptions } from './ask.ts';
import { useServices } from './services.ts';

/** The colours of all models and projects there are, for views that ask no questions of Prometheus. `more` are models that it may not know yet. */
export function useSlots(more: () => readonly string[]): Accessor<Required<Slots>> {
  const { api, now } = useServices();
  const known = useQuery(() => ({
    queryKey: ['options'],
    queryFn: async ({ signal }) => askOptions(api, (await api.range(signal)).first, now(), signal),
    staleTime: Number.POSITIVE_INFINITY,
  }));
  return createMemo(() => {
    const { model, project } = known.isSuccess ? known.data : { model: [], project: [] };
    return { model: modelSlots([...model, ...more()]), project: nameSlots(project) };
  });
}
