import { keepPreviousData, useQuery } from '@tanstack/solid-query';
import { useServices } from './services.ts';

const EVERY_MS = 60_000;

/** What the doctor says of the pipeline, asked once for everyone who wants to know. */
export function useDiagnosis(everyMs = EVERY_MS) {
  const { api } = useServices();
  return useQuery(() => ({
    queryKey: ['doctor'],
    queryFn: ({ signal }) => api.doctor(signal),
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  }));
}
