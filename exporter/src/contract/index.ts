export type { Event, EventType, NotAnEvent, PayloadOf } from './events.ts';
export { events, MAX_TEXT_CHARACTERS, parseEvent } from './events.ts';
export type { Label, LabelName } from './labels.ts';
export { labels, OTHER, UNKNOWN } from './labels.ts';
export type { LabelsOf, LedgerMetric, Metric, MetricName } from './metrics.ts';
export { metrics } from './metrics.ts';
export type { Unit, UnitName } from './units.ts';
export { units } from './units.ts';
