import { events, type Label, labels, metrics } from '@ccmeter/exporter/contract';
import { OTEL_VARIABLES } from '../../exporter/src/help.ts';
import { nameOf, type OptionRow, options, variables } from '../../exporter/src/options.ts';
import { fillTables, table } from './table.ts';

/** The README of the exporter: its tables are made from the rows that the exporter itself works by, all else is written by hand. */
export const EXPORTER_README = 'exporter/README.md';

export function exporterReadme(): string {
  return fillTables(EXPORTER_README, {
    options: optionTable,
    variables: variableTable,
    otel: otelTable,
    labels: labelTable,
    fields: fieldTable,
  });
}

function optionTable(): string {
  const rows = Object.values<OptionRow>(options).map(({ flag, variable = '', otherwise, help }) => [
    `\`${nameOf(flag)} ${(flag.split(' ')[1] ?? '').replace(/[<>]/g, '').toUpperCase()}\``,
    variable === '' ? '' : `\`${variable}\``,
    otherwise,
    help,
  ]);
  return table(['option', 'variable', 'default', 'what'], rows);
}

function variableTable(): string {
  return table(
    ['variable', 'what'],
    Object.entries(variables).map(([name, help]) => [`\`${name}\``, help]),
  );
}

function otelTable(): string {
  return table(
    ['variable', 'what we make of it'],
    Object.entries(OTEL_VARIABLES).map(([name, help]) => [`\`${name}\``, help]),
  );
}

/** Labels of what is told of Claude Code; those of what the exporter tells of itself are left out. */
function labelTable(): string {
  const told = Object.entries(metrics).filter(([name]) => !name.startsWith('ccmeter_exporter_'));
  const used = new Set<string>(told.flatMap(([, metric]) => metric.labels));
  const rows = Object.entries<Label>(labels).filter(([name]) => used.has(name));
  return table(
    ['label', 'what it tells'],
    rows.map(([name, { help }]) => [`\`${name}\``, help]),
  );
}

/** Every field of every event, each once, with the events that have it. */
function fieldTable(): string {
  const fields = new Map<string, { help: string; types: string[] }>();
  for (const [type, event] of Object.entries(events)) {
    for (const [name, { help }] of Object.entries<{ help: string }>(event.fields)) {
      const known = fields.get(name) ?? { help, types: [] };
      known.types.push(type);
      fields.set(name, known);
    }
  }
  return table(
    ['field', 'what it tells', 'events'],
    [...fields].map(([name, { help, types }]) => [`\`${name}\``, help, types.map((type) => `\`${type}\``).join(' ')]),
  );
}
