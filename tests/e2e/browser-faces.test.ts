import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VIEWS } from '../../web/src/store/views.ts';
import { assistantLine, transcript, userLine } from '../fixtures/lines.ts';
import { writeShowcase } from '../fixtures/showcase.ts';
import { findSeriousBarriers } from '../tools/axe.ts';
import { startBrowser } from '../tools/browser.ts';
import { type Gate, openGate } from '../tools/gate.ts';
import { NETWORK_TROUBLE, openPage, textOf, untilShown } from '../tools/pages.ts';
import { getJson } from '../tools/parts.ts';
import { needs } from '../tools/tools.ts';
import { startWorld, type World } from '../tools/world.ts';

/** Every view of the dashboard in its four faces, in a real browser on a real stack, of which parts are then away, slow or empty. */

const options = needs('prometheus', 'chromium', 'web');

/** What a view says without numbers, where it is not what the views over a range say. */
interface Face {
  /** Nothing was ever counted. */
  empty?: RegExp;
  /** Prometheus is away, so that there are no numbers; null where the view does not need them. */
  failed?: RegExp | null;
  /** The query API gives no answers. */
  cut?: RegExp | null;
  /** What was there before is still there, marked as old; null where nothing of the view grows old. */
  old?: RegExp | null;
}

const EVERY: Required<Face> = {
  empty: /Nothing counted yet/,
  failed: /No numbers\s*.*Prometheus/,
  cut: /No numbers\s*.*The query API does not answer/,
  old: /These numbers are from .* ago/,
};

const FACES: Record<string, Face> = {
  '/live': { empty: /Waiting for the first event/, failed: null, cut: /No connection to the events/, old: /The connection is lost/ },
  '/sessions': { empty: /No session in this time/, failed: null, old: /This list is (old|from)/ },
  '/sessions/:id': { empty: /No numbers\s*.*session/, failed: null, old: /These numbers are (old|from)/ },
  '/health': { empty: /The doctor's checks/, old: /The stream of events is lost/ },
  '/promql': { empty: /Ask Prometheus/, failed: null, cut: null, old: null },
  '/settings': { empty: /Time zone/i, failed: null, cut: null, old: null },
};

const faceOf = (view: string): Required<Face> => ({ ...EVERY, ...FACES[view] });
const views = [...VIEWS.map((view) => view.path as string), '/sessions/:id'];

let world: World;
let api: Gate;
let prometheus: Gate;
let browser: Browser;
let sessionId: string;

beforeAll(async () => {
  if (options.skip) return;
  world = await startWorld((claudeDir) => writeShowcase(claudeDir, { endMs: Date.now() - 20_000 }), {
    before: async (url) => {
      prometheus = await openGate(url);
      return prometheus.url;
    },
  });
  api = await openGate(world.api.url);
  const { sessions } = await getJson<{ sessions: { id: string }[] }>(`${api.url}/api/sessions?sort=tokens&order=desc&limit=1`);
  sessionId = sessions[0]?.id ?? '';
  browser = await startBrowser();
});

afterAll(async () => {
  if (options.skip) return;
  await browser.close();
  await api.close();
  await world.close();
  await prometheus.close();
});

function addressOf(view: string, base = api.url): string {
  return `${base}${view.replace(':id', sessionId)}?range=30d`;
}

/** Pages that are open at a time: much of what they do is wait. */
const AT_ONCE = 4;

interface Work {
  /** Of every page. */
  context?: Parameters<typeof openPage>[1];
  of?: readonly string[];
  /** Trouble that belongs to what is tried. */
  excuse?: RegExp;
  /** Once the pages of a batch stand, before `look`. */
  between?(): Promise<void>;
  /** What is wrong with a view. */
  open(page: Page, view: string): Promise<string[]>;
  look?(page: Page, view: string): Promise<string[]>;
}

/** Goes over all views, some at a time, and gives back what is wrong with them. */
async function overViews({ context, of = views, excuse, between, open, look }: Work): Promise<string[]> {
  const problems: string[] = [];
  const told = (view: string) => (found: string[]) => problems.push(...found.map((problem) => `${view}: ${problem}`));
  for (let at = 0; at < of.length; at += AT_ONCE) {
    const batch = of.slice(at, at + AT_ONCE);
    const pages = await Promise.all(batch.map(async (view) => ({ view, watched: await openPage(browser, context) })));
    await Promise.all(pages.map(({ view, watched }) => open(watched.page, view).then(told(view))));
    await between?.();
    if (look) await Promise.all(pages.map(({ view, watched }) => look(watched.page, view).then(told(view))));
    for (const { view, watched } of pages) told(view)(watched.trouble.filter((line) => !excuse?.test(line)));
    await Promise.all(pages.map(({ watched }) => watched.close()));
  }
  return problems;
}

/** Waits for a text in the content of the page. */
async function untilSaid(page: Page, wanted: RegExp): Promise<void> {
  await page
    .locator('main')
    .filter({ hasText: wanted })
    .waitFor()
    .catch(async () => expect.fail(`${page.url()} never said ${wanted}, but:\n${await textOf(page)}`));
}

test('full: no barrier in light and dark, wide and narrow; titles, landmarks, and nothing wider than the screen', options, async () => {
  const problems = await overViews({
    async open(page, view) {
      await page.goto(addressOf(view));
      await untilShown(page);
      const found = await wrongsOf(page, view);
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          found.push(...(await findSeriousBarriers(page)).map((barrier) => `${width} pixels, ${colorScheme}: ${barrier}`));
        }
        const beyond: unknown = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        if (beyond !== 0) found.push(`${beyond} pixels wider than a screen of ${width}`);
      }
      return found;
    },
  });
  expect(problems).toEqual([]);
});

/** What is not as it should be on a view that has everything. */
async function wrongsOf(page: Page, view: string): Promise<string[]> {
  const name = VIEWS.find(({ path }) => path === view)?.name ?? 'Sessions';
  const shown = {
    title: await page.title(),
    language: await page.locator('html').getAttribute('lang'),
    banners: await page.getByRole('banner').count(),
    mains: await page.getByRole('main').count(),
    headings: await page.getByRole('heading', { level: 1 }).count(),
    named: ((await page.getByRole('heading', { level: 1 }).first().textContent()) ?? '').includes(name),
    current: await page.locator('nav [aria-current="page"]').allInnerTexts(),
    alerts: await page.locator('main [role="alert"]').allInnerTexts(),
    blanks: (await page.locator('main .blank h2').allInnerTexts()).filter((text) => text !== 'Ask Prometheus'),
  };
  const right = {
    title: `${name} · ccmeter`,
    language: 'en',
    banners: 1,
    mains: 1,
    headings: 1,
    named: true,
    current: ['/settings', '/sessions/:id'].includes(view) ? [] : [name],
    alerts: [],
    blanks: [],
  };
  return Object.entries(right).flatMap(([what, wanted]) => {
    const found = shown[what as keyof typeof shown];
    return JSON.stringify(found) === JSON.stringify(wanted) ? [] : [`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`];
  });
}

test('loading: the shape of each view at once, and its numbers when the answers come', options, async () => {
  const problems = await overViews({
    context: { viewport: { width: 390, height: 900 } },
    of: views.filter((view) => !['/settings', '/promql'].includes(view)),
    async open(page, view) {
      api.set('waiting', ['/api/']);
      await page.goto(addressOf(view));
      await page.locator('main [aria-busy="true"]').first().waitFor();
      return [
        ...(await findSeriousBarriers(page)),
        ...((await page.getByRole('heading', { level: 1 }).count()) === 1 ? [] : ['no heading']),
      ];
    },
    between: async () => api.set('through'),
    async look(page) {
      await untilShown(page);
      return page.locator('main [role="alert"]').allInnerTexts();
    },
  });
  expect(problems).toEqual([]);
});

test('failed: without Prometheus each view says so, and numbers come when it is back', options, async () => {
  await prometheus.down();
  const problems = await overViews({
    context: { colorScheme: 'dark' },
    excuse: NETWORK_TROUBLE,
    async open(page, view) {
      const { failed } = faceOf(view);
      await page.goto(addressOf(view));
      if (failed) await untilSaid(page, failed);
      else await untilShown(page);
      const alerts = failed ? [] : await page.locator('main .blank[role="alert"]').allInnerTexts();
      return [...alerts, ...(await findSeriousBarriers(page))];
    },
  });
  expect(problems).toEqual([]);

  const { page, close } = await openPage(browser);
  await page.goto(addressOf('/'));
  await untilSaid(page, EVERY.failed ?? /./);
  await prometheus.up();
  // The query API waits longer and longer for a Prometheus that is away, until somebody asks how it is.
  await getJson(`${api.url}/api/health`);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('main .numbers[data-start]').waitFor();
  await close();
});

test('failed: without the query API each view says so', options, async () => {
  api.set('cut', ['/api/']);
  const problems = await overViews({
    excuse: NETWORK_TROUBLE,
    async open(page, view) {
      const { cut } = faceOf(view);
      await page.goto(addressOf(view));
      if (cut) await untilSaid(page, cut);
      else await untilShown(page);
      return findSeriousBarriers(page);
    },
  });
  api.set('through');
  expect(problems).toEqual([]);
});

test('old: a lost connection leaves every number and every chart where it was, marked with its age', options, async () => {
  const before = new Map<string, string>();
  const problems = await overViews({
    of: views.filter((view) => faceOf(view).old),
    excuse: NETWORK_TROUBLE,
    async open(page, view) {
      await api.up();
      await page.goto(addressOf(view));
      await untilShown(page);
      before.set(view, await numbersOn(page));
      return [];
    },
    between: () => api.down(),
    async look(page, view) {
      await untilSaid(page, faceOf(view).old ?? /./);
      const after = await numbersOn(page);
      return [...(after === before.get(view) ? [] : [`${before.get(view)} became ${after}`]), ...(await findSeriousBarriers(page))];
    },
  });
  await api.up();
  expect(problems).toEqual([]);
});

/** What must not go away. */
async function numbersOn(page: Page): Promise<string> {
  return JSON.stringify({
    charts: await page.locator('main canvas').count(),
    totals: await page.locator('main .total-value').allInnerTexts(),
    rows: await page.locator('main tbody tr').count(),
    cards: await page.locator('main .session').count(),
    listed: (await page.locator('main :is([role="rowgroup"] [role="row"], .event time)').count()) > 0,
  });
}

describe('empty', () => {
  let empty: World;

  beforeAll(async () => {
    if (options.skip) return;
    empty = await startWorld(() => undefined);
  });

  afterAll(async () => {
    if (!options.skip) await empty.close();
  });

  test('where nothing was counted yet each view says what to do', options, async () => {
    const problems = await overViews({
      context: { viewport: { width: 390, height: 900 }, colorScheme: 'dark' },
      excuse: NETWORK_TROUBLE,
      async open(page, view) {
        await page.goto(addressOf(view, empty.api.url));
        await untilSaid(page, faceOf(view).empty);
        return findSeriousBarriers(page);
      },
    });
    expect(problems).toEqual([]);
  });

  test('and shows the first thing that happens', options, async () => {
    const { page, trouble, close } = await openPage(browser);
    await page.goto(addressOf('/', empty.api.url));
    await untilSaid(page, EVERY.empty);
    const folder = join(empty.claudeDir, 'projects', '-home-someone-code-harbour');
    mkdirSync(folder, { recursive: true });
    const lines = [userLine(), assistantLine({ usage: { input: 3, output: 4321 } })];
    appendFileSync(join(folder, '5e551011-0000-4000-a000-000000000001.jsonl'), transcript(lines));
    await untilSaid(page, /4,324/);
    expect(trouble).toEqual([]);
    await close();
  });
});
