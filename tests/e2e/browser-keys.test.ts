import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VIEWS } from '../../web/src/store/views.ts';
import { writeShowcase } from '../fixtures/showcase.ts';
import { startBrowser } from '../tools/browser.ts';
import { type Gate, openGate } from '../tools/gate.ts';
import { openPage, untilShown } from '../tools/pages.ts';
import { until } from '../tools/parts.ts';
import { needs } from '../tools/tools.ts';
import { startWorld, type World } from '../tools/world.ts';

/** The dashboard without a mouse: everything can be reached, one sees where one is, and nothing moves for those who do not want it. */

const options = needs('prometheus', 'chromium', 'web');
let world: World;
let api: Gate;
let browser: Browser;

beforeAll(async () => {
  if (options.skip) return;
  world = await startWorld((claudeDir) => writeShowcase(claudeDir, { endMs: Date.now() - 20_000 }));
  api = await openGate(world.api.url);
  browser = await startBrowser();
});

afterAll(async () => {
  if (options.skip) return;
  await browser.close();
  await api.close();
  await world.close();
});

interface Stop {
  /** What tells this stop from all others. */
  key: string;
  name: string;
  /** The focus can be seen: an outline or a ring around it. */
  ringed: boolean;
  onScreen: boolean;
}

/** Where the focus is. */
async function stopOf(page: Page): Promise<Stop> {
  return page.evaluate(`(() => {
    let one = document.activeElement;
    // The editor of PromQL lives in a root of its own; the ring is around all of it.
    const ring = one;
    while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
    const style = getComputedStyle(one === ring ? one : ring);
    const box = one.getBoundingClientRect();
    window.stops ??= new Map();
    if (!window.stops.has(one)) window.stops.set(one, window.stops.size);
    return {
      key: window.stops.get(one) + ' ' + one.tagName + '.' + one.className,
      name: (one.getAttribute('aria-label') ?? one.textContent ?? '').trim() || one.getAttribute('title') || one.labels?.[0]?.textContent || '',
      ringed: (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none',
      onScreen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
  })()`);
}

test('Tab goes through every view, the focus can be seen at each stop, and each has a name', options, async () => {
  const { page, trouble, close } = await openPage(browser, { viewport: { width: 1440, height: 900 } });
  const problems: string[] = [];
  for (const { path } of VIEWS) {
    await page.goto(`${api.url}${path}?range=30d`);
    await untilShown(page);
    const seen = new Set<string>();
    // A year of days has as many stops as it has days with something: enough is enough.
    for (let press = 0; press < 70; press++) {
      await page.keyboard.press('Tab');
      const stop = await stopOf(page);
      if (stop.key.endsWith('BODY.') || seen.has(stop.key)) break;
      seen.add(stop.key);
      if (stop.name === '') problems.push(`${path}: ${stop.key} has no name`);
      if (!stop.ringed) problems.push(`${path}: one does not see that ${stop.key} (${stop.name.slice(0, 40)}) has the focus`);
      if (!stop.onScreen) problems.push(`${path}: ${stop.key} (${stop.name.slice(0, 40)}) has the focus and is not on the screen`);
    }
    expect(seen.size, path).toBeGreaterThan(15);
  }
  expect(problems).toEqual([]);
  expect(trouble).toEqual([]);
  await close();
});

test('the first stop skips to the content; two keys go to each view', options, async () => {
  const { page, trouble, close } = await openPage(browser);
  await page.goto(api.url);
  await untilShown(page);
  await page.keyboard.press('Tab');
  expect((await stopOf(page)).name).toBe('Skip to content');
  await page.keyboard.press('Enter');
  await until(
    () => page.evaluate<string>('document.activeElement.id'),
    (id) => id === 'main',
  );
  for (const { key, name } of [...VIEWS].reverse()) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    await until(
      () => page.title(),
      (title) => title === `${name} · ccmeter`,
    );
    // Where one types, keys are letters.
    await page.locator('main h1').click();
  }
  expect(trouble).toEqual([]);
  await close();
});

test('help and palette open by key, take the focus, and give it back', options, async () => {
  const { page, trouble, close } = await openPage(browser);
  await page.goto(api.url);
  await untilShown(page);
  const button = page.getByRole('link', { name: 'Sessions', exact: true }).first();
  const untilInside = () =>
    until(
      () => page.evaluate<boolean>(`document.querySelector('[role="dialog"]').contains(document.activeElement)`),
      (inside) => inside,
    );
  for (const key of ['?', 'Control+k']) {
    await button.focus();
    await page.keyboard.press(key);
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await untilInside();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await until(
      () => page.evaluate<string>('document.activeElement.textContent'),
      (text) => text === 'Sessions',
    );
  }
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await untilInside();
  await page.keyboard.type('tools');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Tools' }).waitFor();
  expect(trouble).toEqual([]);
  await close();
});

test('a chart is read bar by bar, its layers are switched, and its table is opened', options, async () => {
  const { page, trouble, close } = await openPage(browser);
  await page.goto(`${api.url}/?range=30d`);
  await untilShown(page);
  const chart = page.getByRole('slider').first();
  await chart.focus();
  await page.keyboard.press('Home');
  const told = [await chart.getAttribute('aria-valuetext')];
  for (let press = 0; press < 3; press++) {
    await page.keyboard.press('ArrowRight');
    told.push(await chart.getAttribute('aria-valuetext'));
  }
  expect(new Set(told).size).toBe(4);
  expect(await chart.getAttribute('aria-valuenow')).toBe('3');

  const layer = page.locator('.legend button').first();
  await layer.focus();
  await page.keyboard.press('Space');
  expect(await layer.getAttribute('aria-pressed')).toBe('false');

  const menu = page.getByRole('button', { name: 'Cost: more' });
  await menu.focus();
  await page.keyboard.press('Enter');
  const item = page.getByRole('button', { name: 'Show as a table' });
  await item.waitFor();
  await item.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Cost, as a table' }).waitFor();
  expect(trouble).toEqual([]);
  await close();
});

test('nothing moves for those who do not want it, also while numbers are asked for', options, async () => {
  const { page, trouble, close } = await openPage(browser, { reducedMotion: 'reduce' });
  const moving = () => page.evaluate<number>('document.getAnimations().filter((one) => one.playState === "running").length');
  api.set('waiting', ['/api/']);
  await page.goto(`${api.url}/?range=30d`);
  await page.locator('main [aria-busy="true"]').first().waitFor();
  expect(await moving()).toBe(0);
  api.set('through');
  await untilShown(page);
  await page
    .getByRole('button', { name: /^Project/ })
    .first()
    .click();
  expect(await moving()).toBe(0);
  expect(trouble).toEqual([]);
  await close();
});
