import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM_QUIETLY } from './chromium.ts';
import { pathOf } from './tools.ts';

/** Starts Chromium without a window. For tests that said `needs('chromium')`. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: pathOf('chromium'), args: [...CHROMIUM_QUIETLY] });
}
