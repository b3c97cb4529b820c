import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { until } from './parts.ts';

/** A page of the dashboard that remembers everything that should not happen on it. */
export interface Watched {
  page: Page;
  context: BrowserContext;
  /** Errors and warnings of the console, exceptions, refusals by the Content-Security-Policy, dialogs, and requests that left this machine. */
  trouble: string[];
  close(): Promise<void>;
}

/** What Chromium itself says about an answer that did not come; wanted where a server is away. */
export const NETWORK_TROUBLE = /Failed to load resource|net::ERR_/;

/** The function of a page that tells the test what was refused. */
const REFUSED = '__ccmeterRefused';

/** Opens an empty page in a context of its own. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({
    // As this process writes numbers, so that the two can be compared.
    locale: new Intl.NumberFormat().resolvedOptions().locale,
    timezoneId: 'UTC',
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
    ...options,
  });
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('console', (message) => {
    const ours = !message.text().includes('blocked by Playwright');
    if (ours && ['error', 'warning', 'assert'].includes(message.type())) trouble.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => trouble.push(`exception: ${error.message} ${error.stack}`));
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (/^https?:|^wss?:/.test(protocol) && hostname !== '127.0.0.1') trouble.push(`request: ${request.url()}`);
  });
  await page.exposeFunction(REFUSED, (what: string) => trouble.push(`refused by policy: ${what}`));
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
    window.${REFUSED}([event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber, event.sample].join(' ')))`);
  return { page, context, trouble, close: () => context.close() };
}

/** Waits until a view shows what it has to show, whatever that is: nothing on it is being asked for any more. */
export async function untilShown(page: Page, heading?: string | RegExp): Promise<void> {
  if (heading !== undefined) await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  // Not `waitForFunction`, which the policy of the page forbids.
  await until(
    () => page.evaluate<string>(LEFT),
    (left) => left === '',
  );
}

/** What is still missing. Written as text, because it runs in the page, whose types the tests do not have. */
const LEFT = `document.querySelector('main h1') === null ? 'no heading'
  : (document.querySelector('main [aria-busy="true"], main .skeleton, main .chart-canvas:not(:has(canvas))')?.outerHTML.slice(0, 300) ?? '')`;

/** The page as somebody reads it: the text of its content. */
export function textOf(page: Page): Promise<string> {
  return page
    .locator('main')
    .allInnerTexts()
    .then((texts) => texts.join('\n'));
}
