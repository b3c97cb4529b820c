import { whoMayAsk } from '../../query-api/src/access/guard.ts';
import { type Option, options } from '../../query-api/src/config.ts';
import { addQueueGauges, addUpstreamGauges, createMetrics } from '../../query-api/src/metrics.ts';
import { errors, operations } from '../../query-api/src/openapi/operations.ts';
import { type Question, questions, unitOf } from '../../query-api/src/promql/queries.ts';
import { fillTables, table } from './table.ts';

/** The README of the query API: its tables are made from the rows that the API itself works by, all else is written by hand. */
export const API_README = 'query-api/README.md';

export function apiReadme(): string {
  return fillTables(API_README, {
    options: optionTable,
    routes: routeTable,
    questions: questionTable,
    errors: errorTable,
    metrics: metricTable,
  });
}

function optionTable(): string {
  const rows = Object.values<Option<unknown>>(options).map(({ flag, placeholder, env, preset, shown, unit, help }) => [
    `\`${flag} ${placeholder}\``,
    `\`${env}\``,
    (shown ?? preset) === '' ? '' : `${shown ?? preset}${unit === '' ? '' : ` ${unit}`}`,
    help,
  ]);
  return table(['option', 'variable', 'default', 'what'], rows);
}

const KINDS: Record<Question['kind'], string> = { added: '', now: ' (now)', quantile: ' (sizes)', seen: ' (seen)' };

function questionTable(): string {
  const rows = Object.entries<Question>(questions).map(([id, question]) => [
    `\`${id}\`${KINDS[question.kind]}`,
    unitOf(question),
    question.labels.join(' '),
    question.help,
  ]);
  return table(['id', 'unit', 'labels', 'what'], rows);
}

function errorTable(): string {
  const rows = Object.entries(errors).map(([code, { status, when }]) => [String(status), `\`${code}\``, when]);
  return table(
    ['status', 'code', 'when'],
    rows.toSorted(([a = ''], [b = '']) => Number(a) - Number(b)),
  );
}

function routeTable(): string {
  const rows = Object.entries(operations).map(([key, { summary }]) => [`\`${key}\``, whoMayAsk(key.split(' ')[1] ?? ''), summary]);
  return table(['route', 'who', 'what'], rows);
}

/** Our own metrics as a page has them; those of the Node process are not ours to describe. */
function metricTable(): string {
  const { registry } = createMetrics();
  addUpstreamGauges(registry, () => ({ inside: 0, waiting: 0, resting: false }));
  addQueueGauges(registry, { streamBytes: () => 0, busEvents: () => 0 });
  const rows = registry.getMetricsAsArray().map(({ name, help, type }) => [`\`${name}\``, String(type), help]);
  return table(['metric', 'kind', 'what'], rows);
}
