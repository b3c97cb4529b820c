import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeShowcase } from '../fixtures/showcase.ts';
import { startBrowser } from '../tools/browser.ts';
import { type Gate, openGate } from '../tools/gate.ts';
import { NETWORK_TROUBLE, openPage, textOf, untilShown } from '../tools/pages.ts';
import { getJson, until } from '../tools/parts.ts';
import { needs } from '../tools/tools.ts';
import { startWorld, type World } from '../tools/world.ts';

/** The dashboard as an app: installed, and opened while nothing answers. */

const options = needs('prometheus', 'chromium', 'web');
let world: World;
let api: Gate;
let browser: Browser;

beforeAll(async () => {
  if (options.skip) return;
  world = await startWorld((claudeDir) => writeShowcase(claudeDir, { endMs: Date.now() - 20_000, days: 5 }));
  api = await openGate(world.api.url);
  browser = await startBrowser();
});

afterAll(async () => {
  if (options.skip) return;
  await browser.close();
  await api.close();
  await world.close();
});

/** Waits until the service worker has all files and answers for the page. */
async function untilKept(page: Page): Promise<void> {
  await until(
    () => page.evaluate<string>(`navigator.serviceWorker.getRegistration().then((known) => known?.active?.state ?? 'none')`),
    (state) => state === 'activated',
  );
}

test('can be installed: a manifest with icons as large as they say, found by the browser', options, async () => {
  const { page, trouble, close } = await openPage(browser, { serviceWorkers: 'allow' });
  await page.goto(api.url);
  await untilKept(page);
  const link = await page.locator('link[rel="manifest"]').getAttribute('href');
  const response = await fetch(new URL(link ?? '', api.url));
  expect(response.headers.get('content-type')).toBe('application/manifest+json');
  const manifest = (await response.json()) as { icons: { src: string; sizes: string; type: string }[] };
  expect(manifest).toMatchObject({ name: 'ccmeter', start_url: '/', scope: '/', display: 'standalone' });
  for (const { src, sizes, type } of manifest.icons) {
    const icon = await fetch(new URL(src, api.url));
    expect(icon.headers.get('content-type'), src).toBe(type);
    if (type !== 'image/png') continue;
    const bytes = Buffer.from(await icon.arrayBuffer());
    expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, src).toBe(sizes);
  }
  const debug = await page.context().newCDPSession(page);
  const { installabilityErrors } = await debug.send('Page.getInstallabilityErrors');
  // A private context is not where one installs; all else would be our fault.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
  const { errors } = await debug.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  expect(trouble).toEqual([]);
  await close();
});

test('opened while nothing answers it says so, on every view, and comes to life when something does', options, async () => {
  const { page, trouble, close } = await openPage(browser, { serviceWorkers: 'allow' });
  await page.goto(`${api.url}/?range=30d`);
  await untilShown(page);
  await untilKept(page);
  await api.down();
  await page.reload();
  await page.locator('main').filter({ hasText: 'The query API does not answer' }).waitFor();
  await page.locator('header').filter({ hasText: 'Disconnected' }).waitFor();
  // A view that was never opened, by its address and by its link.
  await page.goto(`${api.url}/tools?range=30d`);
  await page.locator('main').filter({ hasText: 'The query API does not answer' }).waitFor();
  await page.getByRole('link', { name: 'Cost', exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Cost' }).waitFor();
  await page.locator('main').filter({ hasText: 'The query API does not answer' }).waitFor();
  await api.up();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('main .total-value').first().waitFor();
  expect(trouble.filter((line) => !NETWORK_TROUBLE.test(line))).toEqual([]);
  await close();
});

test('keeps files alone: no answer of the API is ever in its store', options, async () => {
  const { page, trouble, close } = await openPage(browser, { serviceWorkers: 'allow' });
  await page.goto(`${api.url}/live`);
  await untilKept(page);
  for (const view of ['/', '/sessions', '/health']) {
    await page.goto(`${api.url}${view}`);
    await untilShown(page);
  }
  const kept: string[] = await page.evaluate(`caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name)
    .then((cache) => cache.keys()))).then((lists) => lists.flat().map(({ url }) => new URL(url).pathname)))`);
  expect(kept).toContain('/index.html');
  expect(kept.length).toBeGreaterThan(20);
  expect(kept.filter((path) => !/^\/(assets\/[\w.-]+\.(js|css)|[\w.-]+\.(html|js|svg|png|webmanifest))$/.test(path))).toEqual([]);
  expect(trouble).toEqual([]);
  await close();
});

test('without a service worker, a view that cannot be loaded says so and can be tried again', options, async () => {
  const { page, trouble, close } = await openPage(browser);
  await page.goto(`${api.url}/?range=30d`);
  await untilShown(page);
  await api.down();
  await page.getByRole('link', { name: 'Tools', exact: true }).first().click();
  await page.locator('main').filter({ hasText: 'This view could not be loaded' }).waitFor();
  // The rest of the page works on: what is there can still be looked at.
  await page.getByRole('link', { name: 'Overview', exact: true }).first().click();
  await page.locator('main .total-value').first().waitFor();
  await page.getByRole('link', { name: 'Tools', exact: true }).first().click();
  await api.up();
  await page.getByRole('button', { name: 'Load the page again' }).click();
  await untilShown(page, 'Tools');
  expect(await textOf(page)).not.toContain('could not be loaded');
  expect(trouble.filter((line) => !NETWORK_TROUBLE.test(line) && !/dynamically imported module/.test(line))).toEqual([]);
  await close();
});

test('a page that nobody looks at lets go of its stream, and has what it missed when it is seen again', options, async () => {
  const clients = async () => (await getJson<{ events: { clients: number } }>(`${world.api.url}/api/health`)).events.clients;
  await until(clients, (count) => count === 0);
  const { page, trouble, close } = await openPage(browser);
  await page.clock.install();
  // A browser without windows never hides a page.
  await page.addInitScript(`Object.defineProperty(document, 'hidden', { get: () => window.unseen === true })`);
  const see = (seen: boolean) => page.evaluate(`window.unseen = ${!seen}, document.dispatchEvent(new Event('visibilitychange'))`);
  await page.goto(`${api.url}/live`);
  await page.locator('main .event time').first().waitFor();
  await until(clients, (count) => count === 1);
  await see(false);
  await page.clock.fastForward(61_000);
  await until(clients, (count) => count === 0);
  const payload = { sessionId: 'unseen', project: 'unseen-project', action: 'started' };
  const event = { id: 'evt_unseen00000000000000', source: 'laptop', timestamp: new Date().toISOString(), type: 'session', payload };
  expect((await fetch(`${world.api.url}/events`, { method: 'POST', body: JSON.stringify(event) })).status).toBe(202);
  await see(true);
  await until(clients, (count) => count === 1);
  await page.clock.runFor(1000);
  await page.locator('main .stream').filter({ hasText: 'unseen-project' }).waitFor();
  expect(trouble).toEqual([]);
  await close();
});
