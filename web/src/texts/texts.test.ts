import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SOURCES = join(import.meta.dirname, '..');
/** What people type into a terminal is the same in every language. */
const COMMANDS = ['npm start -- --claude-dir DIR', 'npm run demo'];
const NAMES = ['ccmeter', 'UTC'];

/** Words between tags, and in attributes that are read out or shown. */
function wordsIn(source: string): string[] {
  const between = [...source.matchAll(/>\s*([^<>{}()=;`]*[A-Za-z]{2}[^<>{}()=;`]*)<\//g)].map(([, text = '']) => text.trim());
  const inAttributes = [...source.matchAll(/\s(?:title|aria-label|placeholder|label|name)="([^"]*(?:\s|^[A-Z])[^"]*)"/g)].map(
    ([, text = '']) => text,
  );
  return [...between, ...inAttributes].filter((text) => !COMMANDS.includes(text) && !NAMES.includes(text));
}

const parts = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.tsx') && !path.startsWith('gallery'),
);

test.each(parts)('%s takes its words from the texts', (path) => {
  expect(wordsIn(readFileSync(join(SOURCES, path), 'utf8'))).toEqual([]);
});

test('words that stand between tags or in attributes are found', () => {
  expect(wordsIn('<p class="a">\n  Some words\n</p>')).toEqual(['Some words']);
  expect(wordsIn('<button type="button" title="Some words" />')).toEqual(['Some words']);
  expect(wordsIn('<p class="a b">{texts.some}</p>')).toEqual([]);
});
