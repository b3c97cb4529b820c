import type { Page } from 'playwright-core';
import type { QuestionId } from '../../query-api/src/promql/queries.ts';
import { labelText } from '../../web/src/format/labels.ts';
import { formatDate } from '../../web/src/format/time.ts';
import { cutRange, type Range, stepFor } from '../../web/src/store/range.ts';
import { type Figure, isWrittenRight, readFigures } from './figures.ts';
import { getJson } from './parts.ts';

const DAY = 86_400;

/** One series of an answer of `/api/panels`. */
export interface Series {
  labels: Record<string, string>;
  value: number;
  points: [number, number][] | null;
}

export type Sums = Record<string, number>;

/** Asks the query API as anybody could. */
export function createAsker(apiUrl: string) {
  async function ask(id: QuestionId, within: Range | null, more: Record<string, string> = {}): Promise<Series[]> {
    const times = within ? { start: String(within.start), end: String(within.end) } : {};
    const { series } = await getJson<{ series: Series[] }>(`${apiUrl}/api/panels/${id}?${new URLSearchParams({ ...times, ...more })}`);
    return series;
  }
  return {
    ask,
    async sum(id: QuestionId, within: Range | null): Promise<number> {
      return (await ask(id, within)).reduce((all, { value }) => all + value, 0);
    },
    /** What there is of each value of a label, without those that have nothing. */
    async sumsBy(id: QuestionId, label: string, within: Range | null): Promise<Sums> {
      const sums: Sums = {};
      for (const { labels, value } of await ask(id, within, { by: label }))
        if (value > 0) sums[labels[label] ?? ''] = (sums[labels[label] ?? ''] ?? 0) + value;
      return sums;
    },
    /** The same by two labels: what there is of each value of the first, by the values of the second. */
    async table(id: QuestionId, row: string, column: string, within: Range): Promise<Record<string, Sums>> {
      const table: Record<string, Sums> = {};
      for (const { labels, value } of await ask(id, within, { by: `${row},${column}` })) {
        const cells = table[labels[row] ?? ''] ?? {};
        table[labels[row] ?? ''] = cells;
        cells[labels[column] ?? ''] = value;
      }
      return table;
    },
  };
}

export type Asker = ReturnType<typeof createAsker>;

export const total = (sums: Sums): number => Object.values(sums).reduce((all, value) => all + value, 0);

/** One number of each row of a table; rows that have none are left out. */
export function pick(table: Record<string, Sums>, read: (row: Sums) => number | null): Sums {
  const picked = Object.entries(table).map(([name, row]): [string, number | null] => [name, read(row)]);
  return Object.fromEntries(picked.flatMap(([name, value]): [string, number][] => (value === null ? [] : [[name, value]])));
}

/** What a view has to show: numbers by their place, as {@link Figure} has them. */
export class Expected {
  readonly places = new Map<string, number>();
  readonly #asker: Asker;
  readonly #range: Range;

  constructor(asker: Asker, range: Range) {
    this.#asker = asker;
    this.#range = range;
  }

  total(name: string, value: number | null): this {
    if (value !== null) this.places.set(` | ${name} | `, value);
    return this;
  }

  /** Beside the titles of panels. */
  figures(values: Record<string, number>): this {
    for (const [panel, value] of Object.entries(values)) this.places.set(`${panel} |  | figure`, value);
    return this;
  }

  cell(panel: string, row: string, column: string, value: number | null | undefined): this {
    if (value !== null && value !== undefined && Number.isFinite(value)) this.places.set(`${panel} | ${row} | ${column}`, value);
    return this;
  }

  /** One row for each value of a label; columns by name. Where a value has none of something, it has 0 of it. */
  rows(panel: string, label: string, columns: Record<string, Sums>): this {
    for (const name of new Set(Object.values(columns).flatMap((values) => Object.keys(values))))
      for (const [column, values] of Object.entries(columns)) this.cell(panel, labelText(label, name), column, values[name] ?? 0);
    return this;
  }

  /** Values of a label with their shares. */
  names(panel: string, label: string, column: string, sums: Sums): this {
    this.rows(panel, label, { [column]: sums });
    return this.rows(panel, label, {
      Share: pick(
        Object.fromEntries(Object.entries(sums).map(([name, value]) => [name, { value }])),
        ({ value = 0 }) => value / total(sums),
      ),
    });
  }

  /** Rows in their order; a name may come again. */
  list(panel: string, rows: readonly { name: string; cells: Record<string, number | null> }[]): this {
    const times = new Map<string, number>();
    for (const { name, cells } of rows) {
      const time = (times.get(name) ?? 0) + 1;
      times.set(name, time);
      for (const [column, value] of Object.entries(cells)) this.cell(time === 1 ? panel : `${panel} ${time}`, name, column, value);
    }
    return this;
  }

  /** The days of a calendar that ends with a moment. */
  async days(panel: string, id: QuestionId, end: number): Promise<this> {
    const start = Math.floor((end - 1) / DAY) * DAY - 370 * DAY;
    const [{ points } = { points: null }] = await this.#asker.ask(id, { start, end }, { step: String(DAY) });
    for (const [at, value] of points ?? []) this.cell(panel, formatDate(at, { timeZone: 'UTC' }), 'day', value);
    return this;
  }

  /** The legend of a chart, and each of its bars. */
  async chart(
    panel: string,
    id: QuestionId,
    label: string,
    { only, sum = false }: { only?: readonly string[]; sum?: boolean } = {},
  ): Promise<this> {
    const bars = await this.#bars(id, label);
    const layers = [...bars.values].filter(([name, values]) => added(values) > 0 && (only?.includes(name) ?? true));
    layers.sort(([, one], [, other]) => added(other) - added(one));
    const named = layers.length > MOST_LAYERS ? layers.slice(0, MOST_LAYERS - 1) : layers;
    const others = layers.slice(named.length);
    const shown = named.map(([name, values]): [string, number[]] => [labelText(label, name), values]);
    const at = (bar: number) => added(others.map(([, values]) => values[bar] ?? 0));
    if (others.length > 0) shown.push([`${others.length} others`, Array.from({ length: bars.length }, (_, bar) => at(bar))]);
    const drawn = shown.map(([name, values]): [string, number[]] => [
      name,
      sum ? values.map((_, bar) => added(values.slice(0, bar + 1))) : values,
    ]);
    for (const [name, values] of shown) this.cell(panel, name, 'legend', added(values));
    for (let bar = 0; bar < bars.length; bar++) {
      for (const [name, values] of drawn) this.cell(panel, `bar ${bar}`, name, values[bar]);
      if (drawn.length > 1) this.cell(panel, `bar ${bar}`, 'Total', added(drawn.map(([, values]) => values[bar] ?? 0)));
    }
    return this;
  }

  /** Lines of quantiles: in the legend those of the whole range. */
  async quantiles(panel: string, id: QuestionId, lines: Record<string, string>): Promise<this> {
    for (const [name, quantile] of Object.entries(lines)) {
      const [whole] = await this.#asker.ask(id, this.#range, { quantile });
      this.cell(panel, name, 'legend', whole?.value);
      const bars = await this.#bars(id, '', { quantile });
      for (const [bar, value] of (bars.values.get('') ?? []).entries()) this.cell(panel, `bar ${bar}`, name, value);
    }
    return this;
  }

  /** One thing for each of another, bar by bar. */
  async ratio(panel: string, id: QuestionId, of: QuestionId): Promise<this> {
    const [all, counts] = [await this.#bars(id, ''), await this.#bars(of, '')];
    for (const [bar, value] of (all.values.get('') ?? []).entries())
      this.cell(panel, `bar ${bar}`, panel, value / (counts.values.get('')?.[bar] ?? 0));
    return this;
  }

  async #bars(
    id: QuestionId,
    label: string,
    more: Record<string, string> = {},
  ): Promise<{ length: number; values: Map<string, number[]> }> {
    const { ask } = this.#asker;
    const step = stepFor(this.#range);
    const { head, body } = cutRange(this.#range, step, 0);
    const asked = { ...more, ...(label ? { by: label } : {}) };
    const [start, rest] = await Promise.all([head ? ask(id, head, asked) : [], ask(id, body, { ...asked, step: String(step) })]);
    const first = head ? 1 : 0;
    const length = first + Math.ceil((body.end - body.start) / step);
    const values = new Map<string, number[]>();
    const add = (labels: Record<string, string>, bar: number, value: number) => {
      const known = values.get(labels[label] ?? '') ?? new Array<number>(length).fill('quantile' in more ? Number.NaN : 0);
      known[bar] = value;
      values.set(labels[label] ?? '', known);
    };
    for (const { labels, value } of start) add(labels, 0, value);
    for (const { labels, points } of rest) for (const [at, value] of points ?? []) add(labels, first + (at - body.start) / step, value);
    return { length, values };
  }
}

/** As many layers as a chart tells apart. */
const MOST_LAYERS = 8;

function added(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** Every number on a view, those of the tables behind its charts and of rows that are not shown at first, too. */
export async function figuresOn(page: Page): Promise<Figure[]> {
  const figures = await readFigures(page);
  for (const menu of await page.locator('main .panel-dots').all()) {
    await menu.click();
    const table = page.getByRole('button', { name: 'Show as a table' });
    if (await table.isVisible()) await table.click();
    else await page.keyboard.press('Escape');
    await page.locator('.panel-menu').waitFor({ state: 'detached' });
  }
  const more = page.locator('main').getByRole('button', { name: /^Show all/ });
  while ((await more.count()) > 0) await more.first().click();
  const known = new Set(figures.map(({ place }) => place));
  return [...figures, ...(await readFigures(page)).filter(({ place }) => !known.has(place))];
}

/** What of a view is not as expected: numbers, numbers that are missing, numbers that nobody expected, and how they are written. */
export function differences(figures: readonly Figure[], { places }: Expected, excused: RegExp): string[] {
  const shown = new Map(figures.map(({ place, value }) => [place, value]));
  const close = (one: number, other: number) => Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one), Math.abs(other));
  const wrong = [...places].flatMap(([place, value]) => {
    const found = shown.get(place);
    if (found === undefined) return [`${place}: is missing, ${value} is wanted`];
    return close(found, value) ? [] : [`${place}: ${found} is shown, ${value} is right`];
  });
  const others = figures.filter(({ place }) => !excused.test(place));
  const unknown = others.filter(({ place }) => !places.has(place)).map(({ place, value }) => `${place}: ${value} was not expected`);
  const written = others
    .filter((figure) => !isWrittenRight(figure))
    .map(({ place, value, text }) => `${place}: ${value} is written ${text}`);
  return [...wrong, ...unknown, ...written];
}
