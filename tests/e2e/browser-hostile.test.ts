import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { events } from '../../exporter/src/contract/index.ts';
import { VIEWS } from '../../web/src/store/views.ts';
import { writeShowcase } from '../fixtures/showcase.ts';
import { startBrowser } from '../tools/browser.ts';
import { type Gate, openGate } from '../tools/gate.ts';
import { openPage, untilShown } from '../tools/pages.ts';
import { getJson, until } from '../tools/parts.ts';
import { needs } from '../tools/tools.ts';
import { startWorld, type World } from '../tools/world.ts';

/**
 * Names are chosen by whoever makes a directory, a branch, a model, a tool or a skill, and events come from other machines: every name on
 * every view is one that tries to be markup, a script, a path, a formula, or just too long. Nothing of it may run, and nothing be refused
 * by the policy, which would mean that something had tried.
 */

const options = needs('prometheus', 'chromium', 'web');

const MARK = 'window.hacked=1';
const LONG = 'wide-'.repeat(60);
const HOSTILE = [
  `<img src=x onerror=${MARK}>`,
  `"><svg onload=${MARK}>`,
  `'-alert(1)-'`,
  `javascript:${MARK}`,
  `{a|b} {{constructor.constructor("${MARK}")()}} \${${MARK}}`,
  '\u202egnp.\u202dexe \u0645\u0631\u062d\u0628\u0627',
  '\u{1f469}\u200d\u{1f680}\u{1f525}',
  LONG,
  '__proto__',
  'constructor',
  'a"b\\c\nd\te',
  '=HYPERLINK("http://203.0.113.1","x")',
  '%2e%2e%2f?project=x#y&z',
  ' ',
];

/** Labels whose values are free; the exporter lets only plain names of tools, skills and agents through, another one may not. */
const FREE_LABELS = ['tool', 'skill', 'agent_type', 'category', 'language', 'version', 'branch', 'reason', 'sink', 'record_name'];

let world: World;
let gate: Gate;
let browser: Browser;

beforeAll(async () => {
  if (options.skip) return;
  const names = { projects: HOSTILE, branches: HOSTILE, models: HOSTILE, versions: HOSTILE };
  const before = async (url: string) => {
    gate = await openGate(url, renameLabels());
    return gate.url;
  };
  world = await startWorld((claudeDir) => writeShowcase(claudeDir, { endMs: Date.now() - 20_000, names }), {
    host: HOSTILE[0] ?? '',
    before,
  });
  const made = HOSTILE.flatMap((hostile, index) => eventsWith(hostile, index));
  for (let at = 0; at < made.length; at += 50) {
    const sent = await fetch(`${world.api.url}/events`, { method: 'POST', body: JSON.stringify(made.slice(at, at + 50)) });
    expect(sent.status, await sent.text()).toBe(202);
  }
  browser = await startBrowser();
});

afterAll(async () => {
  if (options.skip) return;
  await browser.close();
  await world.close();
  await gate.close();
});

/** Gives values of labels in the answers of Prometheus hostile names, the same one for the same value. */
function renameLabels(): (body: unknown) => unknown {
  const given = new Map<string, string>();
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        if (typeof inner !== 'string' || !FREE_LABELS.includes(key)) return [key, rename(inner)];
        const name = `${key} ${inner}`;
        given.set(name, given.get(name) ?? HOSTILE[given.size % HOSTILE.length] ?? '');
        return [key, given.get(name)];
      }),
    );
  };
  return rename;
}

/** One event of every type, with a hostile text wherever a text is taken. */
function eventsWith(hostile: string, index: number): unknown[] {
  const now = new Date().toISOString();
  const plain = [7, true, { 7: 7 }, { [hostile]: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 1, cacheCreationTokens: 1 } }];
  return Object.entries(events).map(([type, { fields }], place) => {
    const payload = Object.entries(fields).map(([name, field]) => {
      const closed = /\((.+)\)$/.exec(field.help)?.[1]?.split(', ') ?? [];
      const fits = (value: unknown) => field.read(value) !== undefined;
      const value = name === 'timestamp' ? now : [hostile, ...closed, ...plain].find(fits);
      return [name, value];
    });
    const id = `evt_${String(index * 100 + place).padStart(20, 'h0')}`.slice(0, 24);
    return { id, source: hostile, timestamp: now, type, payload: Object.fromEntries(payload) };
  });
}

/** The innermost element that makes the page wider than the screen. */
const WIDEST = `[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1
  && !one.parentElement.closest('[style*="overflow"]') && getComputedStyle(one.parentElement).overflowX === 'visible')
  .map((one) => one.tagName + '.' + one.className).slice(0, 12).join(' ')`;

/** What must be so wherever a hostile name is shown. */
function wrongsOf(page: Page): Promise<string[]> {
  // Charts follow the size of the screen a moment later.
  return until(
    () => lookAt(page),
    (wrongs) => wrongs.length === 0,
    5000,
  ).catch(() => lookAt(page));
}

async function lookAt(page: Page): Promise<string[]> {
  const found: unknown = await page.evaluate(`({
    hacked: 'hacked' in window,
    polluted: Object.keys(Object.prototype),
    markup: document.querySelectorAll('main img, main iframe, main script, svg[onload], [onerror], [href^="javascript:"]').length,
    beyond: document.documentElement.scrollWidth > innerWidth ? (${WIDEST}) : '',
  })`);
  const right = { hacked: false, polluted: [], markup: 0, beyond: '' };
  return JSON.stringify(found) === JSON.stringify(right) ? [] : [JSON.stringify(found)];
}

test('nothing that a name contains is run, loaded or taken as markup, on any view', options, async () => {
  const { sessions } = await getJson<{ sessions: { id: string; project: string | null }[] }>(`${world.api.url}/api/sessions?limit=200`);
  const hostileIds = sessions.map(({ id }) => id).filter((id) => HOSTILE.includes(id));
  expect(hostileIds.length).toBeGreaterThan(8);
  const paths = [...VIEWS.map((view) => view.path), ...hostileIds.map((id) => `/sessions/${encodeURIComponent(id)}`)];
  const { page, trouble, close } = await openPage(browser);
  const problems: string[] = [];
  for (const path of paths) {
    await page.goto(`${world.api.url}${path}?range=30d&marks=model&marks=version`);
    await untilShown(page);
    // Every chart tells the values of its last bar.
    for (const plot of await page.locator('.bars-plot').all()) await plot.press('ArrowLeft');
    problems.push(...(await wrongsOf(page)).map((wrong) => `${path}: ${wrong}`));
    await page.setViewportSize({ width: 390, height: 900 });
    problems.push(...(await wrongsOf(page)).map((wrong) => `${path} at 390 pixels: ${wrong}`));
    await page.setViewportSize({ width: 1440, height: 900 });
    problems.push(...trouble.splice(0).map((line) => `${path}: ${line}`));
  }
  expect(problems).toEqual([]);
  await close();
});

test('a link with hostile filters, texts and queries shows them and runs nothing', options, async () => {
  const { page, trouble, close } = await openPage(browser);
  const problems: string[] = [];
  const paths = [
    '/',
    '/live',
    '/sessions',
    '/promql',
    '/tokens',
    '/health',
    ...HOSTILE.slice(0, 6).map((one) => `/${encodeURIComponent(one)}`),
  ];
  for (const [index, path] of paths.entries()) {
    const several = ['project', 'model', 'host', 'type', 'state'].flatMap((name) => HOSTILE.map((value) => [name, value]));
    const single = ['text', 'expr', 'range', 'by', 'sort', 'cost', 'from'].map((name, place) => [
      name,
      HOSTILE[(index + place) % HOSTILE.length],
    ]);
    await page.goto(
      `${world.api.url}${path}?${new URLSearchParams([...several, ...single].map(([name, value]): [string, string] => [name ?? '', value ?? '']))}`,
    );
    await page.getByRole('heading').first().waitFor();
    await untilShown(page);
    problems.push(...(await wrongsOf(page)).map((wrong) => `${path}: ${wrong}`));
  }
  // What is no PromQL is refused by the query API, and Chromium tells of it.
  problems.push(...trouble.filter((line) => !/status of 400/.test(line)));
  expect(problems).toEqual([]);
  await close();
});

test('hostile names are shown as they are: in a filter, and in the palette', options, async () => {
  const { page, trouble, close } = await openPage(browser);
  await page.goto(`${world.api.url}/?range=30d`);
  await untilShown(page);
  await page
    .getByRole('button', { name: /^Project/ })
    .first()
    .click();
  const [image = ''] = HOSTILE;
  await page.getByRole('dialog').getByText(image, { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type(image);
  expect(await wrongsOf(page)).toEqual([]);
  expect(trouble).toEqual([]);
  await close();
});
