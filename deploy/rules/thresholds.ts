/** One row of {@link thresholds}: a number that alerts are held against. */
export interface Threshold {
  value: number;
  unit: string;
  help: string;
}

/**
 * Every number that decides whether an alert fires, in one place. Each becomes a series `ccmeter:threshold:<name>` in
 * `ccmeter-thresholds.yml`: a server that wants others changes that file, or loads one of its own instead.
 */
export const thresholds = {
  budget_usd: {
    value: 500,
    unit: 'US dollars in 30 days',
    help: 'What may be spent by all machines together; 0 turns both budget alerts off.',
  },
  budget_fast_ratio: { value: 0.05, unit: 'of the budget in an hour', help: 'Spending that is far too fast.' },
  budget_slow_ratio: { value: 0.1, unit: 'of the budget in a day', help: 'Spending that will not last the month.' },
  unusual_spend_times: { value: 3, unit: 'times', help: 'The last day against the mean day of the two weeks before.' },
  unusual_spend_least_usd: { value: 10, unit: 'US dollars', help: 'Days cheaper than this are never unusual.' },
  tool_failure_ratio: { value: 0.3, unit: 'of finished calls in an hour', help: 'Tool calls that failed.' },
  tool_failure_least_calls: { value: 20, unit: 'calls in an hour', help: 'Fewer calls say nothing.' },
  quota_ratio: { value: 0.9, unit: 'of a window', help: 'Use of a subscription window.' },
  silent_seconds: { value: 900, unit: 'seconds', help: 'How long nothing may be heard of an exporter that was heard of within a day.' },
  unreadable_lines: { value: 10, unit: 'lines in an hour', help: 'Lines that could not be used.' },
  unusable_sources: {
    value: 5,
    unit: 'files in an hour',
    help: 'Files beside the transcripts that could not be used, such as of an unknown layout.',
  },
  unknown_records: { value: 0, unit: 'records in an hour', help: 'Records of transcripts that are not known: the format has changed.' },
  pending_samples: { value: 10_000, unit: 'samples', help: 'Samples that wait, and do not become fewer.' },
  outbox_events: { value: 5000, unit: 'events', help: 'Events that wait, and do not become fewer.' },
  export_age_seconds: { value: 600, unit: 'seconds', help: 'How long no sample may have been accepted by a sink that has accepted some.' },
  deletion_seconds: { value: 172_800, unit: 'seconds', help: 'How near the deletion of transcripts that are not counted yet may come.' },
  collector_queue_ratio: { value: 0.5, unit: 'of the queue', help: 'How full the queue of the collector may be.' },
} as const satisfies Record<string, Threshold>;

export type ThresholdName = keyof typeof thresholds;

/** The series that carries a threshold. */
export function thresholdSeries(name: ThresholdName): string {
  return `ccmeter:threshold:${name}`;
}
