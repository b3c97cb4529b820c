import { type Browser, chromium } from 'playwright-core';
import { pathOf } from './tools.ts';

/** Everything that Chromium would ask of the world on its own account is off. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium without a window. For tests that said `needs('chromium')`. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: pathOf('chromium'), args: QUIET });
}
