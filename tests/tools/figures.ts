import type { Page } from 'playwright-core';
import {
  formatAxis,
  formatBytes,
  formatCompact,
  formatCount,
  formatShare,
  formatUsd,
  formatUsdExact,
} from '../../web/src/format/number.ts';
import { formatDuration, formatSeconds } from '../../web/src/format/time.ts';

/** One number on a page: where it stands, what it is, and how it is written. */
export interface Figure {
  /** `panel | row | column`: of totals `| name |`, of legends `panel | layer | legend`, of what stands beside a title `panel | | figure`. */
  place: string;
  value: number;
  text: string;
}

/** Runs in the page. Bars of a chart's table are numbered from the oldest, as their names depend on the range. */
const READ = `[...document.querySelectorAll('main [data-value]')].filter((one) => Number.isFinite(Number(one.dataset.value))
  && !one.parentElement.closest('[data-value]')).map((one) => {
  const text = (node) => (node?.textContent ?? '').replace(/\\s+/g, ' ').trim();
  const panel = one.closest('section.panel')?.getAttribute('aria-label') ?? '';
  const cell = one.closest('td');
  const place = () => {
    if (one.matches('.total-value')) return ['', text(one.closest('.total').querySelector('dt')), ''];
    if (one.matches('.legend-value')) return [panel, text(one.parentElement.querySelector('.legend-name')), 'legend'];
    if (one.matches('.calendar-day')) return [panel, one.getAttribute('aria-label').split(':')[0], 'day'];
    if (!cell) return [panel, '', one.closest('.panel-figure') ? 'figure' : one.className];
    const row = cell.closest('tr');
    const table = cell.closest('table');
    const column = text(table.querySelectorAll('thead th')[[...row.children].indexOf(cell)]);
    const bars = cell.closest('.table-scroll');
    return [panel, bars ? 'bar ' + ([...row.parentElement.children].length - 1 - [...row.parentElement.children].indexOf(row)) : text(row.querySelector('th')), column];
  };
  return { place: place().join(' | '), value: Number(one.dataset.value), text: text(one) || one.getAttribute('aria-label') || '' };
})`;

/** Every number on the page that says what it is. A place that occurs again, as two sessions of a project do, is numbered: `Lists 2 | harbour | Done`. */
export async function readFigures(page: Page): Promise<Figure[]> {
  const found: unknown = await page.evaluate(READ);
  if (!Array.isArray(found)) throw new Error('the page gave no list');
  const figures: Figure[] = found;
  const times = new Map<string, number>();
  return figures.map((figure) => {
    const time = (times.get(figure.place) ?? 0) + 1;
    times.set(figure.place, time);
    return time === 1 ? figure : { ...figure, place: figure.place.replace(' | ', ` ${time} | `) };
  });
}

const WAYS: readonly ((value: number) => string)[] = [
  (value) => formatCount(value),
  formatCompact,
  formatAxis,
  (value) => formatUsd(value),
  (value) => formatUsdExact(value),
  formatShare,
  formatBytes,
  formatSeconds,
  formatDuration,
];

/** Whether a number is written as that number, in any of the ways in which numbers are written. */
export function isWrittenRight({ value, text }: Figure): boolean {
  const shown = text.replace(/^[≥+−]\s*/, '').replace(/ or more$|\/h$/, '');
  const written = WAYS.map((way) => way(Math.abs(value)));
  // Some say more than the number: "12 messages", "3 of 5".
  return written.includes(shown) || written.some((one) => new RegExp(`(^|[ :])${one.replace(/[.$*+?()]/g, '\\$&')}( |$)`).test(shown));
}

/** What a total is beside the time before. */
export interface Change {
  name: string;
  text: string;
  title: string;
}

export async function changesOn(page: Page): Promise<Change[]> {
  const changes = await page
    .locator('main .total')
    .filter({ has: page.locator('.change') })
    .all();
  return Promise.all(
    changes.map(async (one) => ({
      name: ((await one.locator('dt').textContent()) ?? '').trim(),
      text: ((await one.locator('.change').textContent()) ?? '').trim(),
      title: (await one.locator('.change').getAttribute('title')) ?? '',
    })),
  );
}
