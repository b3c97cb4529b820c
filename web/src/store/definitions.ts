import { type Metric, metrics, units } from '@ccmeter/exporter/contract';
import { menu } from '../texts/common.ts';

/** What one metric is, as the catalogue has it. */
export interface Definition {
  name: string;
  help: string;
  facts: readonly (readonly [name: string, text: string])[];
}

/** The metrics that PromQL speaks of, each once, in the order in which they are named. */
export function definitionsOf(queries: readonly string[]): Definition[] {
  const names = queries.flatMap((query) => query.match(/\bccmeter_\w+/g) ?? []).map((name) => baseOf(name));
  return [...new Set(names)].flatMap((name) => {
    const metric = find(name);
    if (!metric) return [];
    const facts: [string, string][] = [
      [menu.metric.unit, units[metric.unit].words[1] || metric.kind],
      [menu.metric.from, plain(metric.source)],
      [menu.metric.moves, plain(metric.moves)],
    ];
    return [{ name, help: plain(metric.help), facts }];
  });
}

function find(name: string): Metric | undefined {
  return Object.entries<Metric>(metrics).find(([known]) => known === name)?.[1];
}

/** A histogram has three names on the page and one in the catalogue. */
function baseOf(name: string): string {
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return find(base)?.kind === 'histogram' ? base : name;
}

/** Without the marks of Markdown. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}
