import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { CHROMIUM_QUIETLY, findChromium } from '../../tests/tools/chromium.ts';
import { startApi, startExporter, untilWritten } from '../../tests/tools/parts.ts';
import { startPrometheus } from '../../tests/tools/prometheus.ts';
import { createRandom } from '../local/demo/random.ts';
import { writeHistory } from '../local/demo/tree.ts';
import { findPrometheus } from '../local/find-prometheus.ts';
import { cacheDir } from '../local/options.ts';
import { createVoice } from '../local/say.ts';
import { ensureWebBuild } from '../local/web-build.ts';
import { createEvents } from './events.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Events a second, and seconds for which they are looked at on each of two views. */
const RATE = 100;
const STREAM_SECONDS = Number(process.env.CCMETER_BENCH_STREAM_SECONDS ?? 60);
/** The bar is told of ten minutes; two show the same slope. */
const HEAP_MINUTES = Number(process.env.CCMETER_BENCH_HEAP_MINUTES ?? 2);
const LOADS = 7;
const LONG_LIST = 100_000;
const SCROLL_SECONDS = 10;

/**
 * The dashboard in Chromium on a real stack with demo history: the first paint, tasks that keep the page from answering while events come,
 * the heap, and how smoothly a long list scrolls. The bars are those of DESIGN.md. `CCMETER_BENCH_HEAP_MINUTES=10` is the full run.
 */
export async function dashboard(): Promise<string[]> {
  const programs = await findPrograms();
  if ('missing' in programs) return [programs.missing];
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-dashboard-'));
  const ends: (() => Promise<void> | void)[] = [() => rmSync(directory, { recursive: true, force: true })];
  try {
    writeHistory(join(directory, 'claude'), Date.now(), createRandom(1));
    const prometheus = await startPrometheus(programs.prometheus);
    ends.push(prometheus.close);
    const web = await ensureWebBuild(ROOT, createVoice());
    const api = await startApi(['--prometheus-url', prometheus.url, '--state-dir', join(directory, 'api'), '--web-dir', web]);
    ends.push(api.stop);
    const write = ['--remote-write-url', `${prometheus.url}/api/v1/write`, '--remote-write-id', prometheus.dataId];
    const read = ['--claude-dir', join(directory, 'claude'), '--state-dir', join(directory, 'exporter')];
    const exporter = await startExporter([...read, ...write, '--events-url', `${api.url}/events`]);
    ends.push(exporter.stop);
    await untilWritten(exporter);
    const browser = await chromium.launch({ executablePath: programs.chromium, args: [...CHROMIUM_QUIETLY, '--js-flags=--expose-gc'] });
    ends.push(() => browser.close());
    return [
      ...(await loads(browser, api.url)),
      ...(await longTasks(browser, api.url, '/live')),
      ...(await longTasks(browser, api.url, '/')),
      ...(await longList(browser, api.url)),
    ];
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

async function findPrograms(): Promise<{ prometheus: string; chromium: string } | { missing: string }> {
  const cache = cacheDir(process.env);
  const prometheus = await findPrometheus({ cacheDir: cache, yes: false, voice: createVoice() });
  if ('tried' in prometheus) return { missing: `no Prometheus: ${prometheus.tried.join('; ')}` };
  const found = await findChromium(cache);
  return 'missing' in found ? found : { prometheus: prometheus.program, chromium: found.path };
}

async function openPage(browser: Browser): Promise<{ page: Page; debug: CDPSession; close(): Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  return { page, debug: await context.newCDPSession(page), close: () => context.close() };
}

/** Nothing is being asked for any more. */
async function untilShown(page: Page): Promise<void> {
  const shown = `document.querySelector('main h1') !== null && document.querySelector('main [aria-busy="true"], main .skeleton') === null`;
  while (!(await page.evaluate(shown))) await sleep(20);
}

/** What a fresh browser does with the first view: paint, numbers, script. */
async function loads(browser: Browser, url: string): Promise<string[]> {
  const paints: number[] = [];
  const numbers: number[] = [];
  let scriptBytes = 0;
  for (let round = 0; round <= LOADS; round++) {
    const { page, close } = await openPage(browser);
    const begun = performance.now();
    await page.goto(url);
    await untilShown(page);
    const shown = performance.now() - begun;
    const paint: number = await page.evaluate(`new Promise((tell) => new PerformanceObserver((list) =>
      tell(Math.max(...list.getEntries().map((entry) => entry.startTime)))).observe({ type: 'largest-contentful-paint', buffered: true }))`);
    scriptBytes = await page.evaluate(`performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'))
      .reduce((sum, entry) => sum + entry.encodedBodySize, 0)`);
    await close();
    // The first one warms up the API.
    if (round === 0) continue;
    paints.push(paint);
    numbers.push(shown);
  }
  return [
    `largest contentful paint   ${text(middle(paints))} ms in the middle, ${text(Math.max(...paints))} ms at worst of ${LOADS} (bar: 1,000)`,
    `all numbers on screen      ${text(middle(numbers))} ms in the middle, ${text(Math.max(...numbers))} ms at worst`,
    `script of the first view   ${text(scriptBytes / 1000)} kB as it travels, charts included (bar: 350)`,
  ];
}

/** Tasks that took longer than 50 ms while events stream, on one view. */
async function longTasks(browser: Browser, url: string, view: string): Promise<string[]> {
  const { page, close } = await openPage(browser);
  await page.goto(`${url}${view}`);
  await untilShown(page);
  const stream = startStream(url);
  // The events that are there already come in the beginning, and code that runs for the first time is slow once.
  await sleep(5000);
  await page.evaluate(`window.longTasks = []; new PerformanceObserver((list) =>
    window.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' })`);
  await sleep(STREAM_SECONDS * 1000);
  const tasks: number[] = await page.evaluate('window.longTasks');
  const sent = await stream.stop();
  await close();
  const worst = tasks.length === 0 ? '' : `, the longest ${text(Math.max(...tasks))} ms`;
  return [
    `tasks above 50 ms on ${view.padEnd(5)} ${tasks.length} in ${STREAM_SECONDS} s of ${text(sent)} events a second${worst} (bar: 0)`,
  ];
}

/** The heap of the page, and how a list of many events scrolls in it. */
async function longList(browser: Browser, url: string): Promise<string[]> {
  const { page, debug, close } = await openPage(browser);
  await page.goto(`${url}/live`);
  await untilShown(page);
  const filling = startStream(url, 2000);
  const rows = async (): Promise<number> =>
    page.evaluate(
      `Number(/([\\d,]+) events/.exec(document.querySelector('.stream-foot')?.textContent ?? '')?.[1]?.replaceAll(',', '') ?? 0)`,
    );
  const deadline = performance.now() + 300_000;
  while ((await rows()) < LONG_LIST && performance.now() < deadline) await sleep(500);
  await filling.stop();
  await sleep(2000);
  const listed = await rows();
  const scrolling = await scroll(page);

  // The list is as long as it gets: what grows from here on grows for ever.
  await page.locator('.stream-list').evaluate(`(list) => list.scrollTo({ top: 0 })`);
  const stream = startStream(url);
  const heaps: number[] = [];
  for (let at = 0; at <= HEAP_MINUTES * 6; at++) {
    heaps.push(await heapMegabytes(debug));
    if (at < HEAP_MINUTES * 6) await sleep(10_000);
  }
  await stream.stop();
  await close();
  const half = Math.floor(heaps.length / 2);
  const [before, after] = [middle(heaps.slice(0, half)), middle(heaps.slice(half))];
  return [
    `scroll of ${text(listed)} events  ${scrolling.perSecond.toFixed(1)} frames a second, ${scrolling.late} of ${scrolling.frames} late (bar: 60)`,
    `heap while events stream   ${text(heaps[0] ?? 0)} MB at first, ${text(heaps.at(-1) ?? 0)} MB after ${HEAP_MINUTES} min; middle of the halves ${before.toFixed(1)} and ${after.toFixed(1)} MB (bar: flat)`,
  ];
}

/** Scrolls a list by the wheel, and counts the frames in which it moved. */
async function scroll(page: Page): Promise<{ perSecond: number; frames: number; late: number }> {
  await page.locator('.stream-list').hover();
  await page.evaluate(`window.frames_ = []; window.counting = true;
    (function count(at) { window.frames_.push(at); if (window.counting) requestAnimationFrame(count); })(performance.now())`);
  const begun = performance.now();
  while (performance.now() - begun < SCROLL_SECONDS * 1000) {
    await page.mouse.wheel(0, 600);
    await sleep(8);
  }
  const times: number[] = await page.evaluate('window.counting = false, window.frames_.slice(1)');
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
  return { perSecond: gaps.length / seconds, frames: gaps.length, late: gaps.filter((gap) => gap > 25).length };
}

/** After a collection, so that what is counted is what is kept. */
async function heapMegabytes(debug: CDPSession): Promise<number> {
  await debug.send('HeapProfiler.collectGarbage');
  const { usedSize } = await debug.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}

/** Sends events as a busy machine would, in ten batches a second; gives back how many a second it were. */
function startStream(url: string, rate = RATE): { stop(): Promise<number> } {
  const make = createEvents();
  let sent = 0;
  let going = true;
  const begun = performance.now();
  const work = (async () => {
    while (going) {
      const due = Math.floor(((performance.now() - begun) / 1000) * rate) - sent;
      if (due > 0) {
        const events = Array.from({ length: Math.min(due, 500) }, () => make());
        const answer = await fetch(`${url}/events`, { method: 'POST', body: JSON.stringify(events) });
        if (!answer.ok) throw new Error(`events were refused: ${answer.status} ${await answer.text()}`);
        sent += events.length;
      }
      await sleep(100);
    }
  })();
  return {
    async stop() {
      going = false;
      const seconds = (performance.now() - begun) / 1000;
      await work;
      return sent / seconds;
    },
  };
}

function middle(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function text(value: number): string {
  return Math.round(value).toLocaleString('en');
}
