import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const CASES = join(import.meta.dirname, 'fixtures', 'transcripts');
const NOTES = readFileSync(join(import.meta.dirname, '..', 'exporter', 'src', 'parse', 'README.md'), 'utf8');

/** The last column of the table of traps. */
const named = NOTES.slice(NOTES.indexOf('| trap '))
  .split('\n')
  .slice(2)
  .filter((line) => line.startsWith('|'))
  .flatMap((line) => (line.split('|').at(-2) ?? '').split(',').map((name) => name.trim()));

test('every case of transcripts says what it shows, and the notes on the format name it', () => {
  const names = readdirSync(CASES);
  expect([...new Set(named)].sort()).toEqual(names.sort());
  for (const name of names) {
    expect(existsSync(join(CASES, name, 'case.md')), name).toBe(true);
    expect(readFileSync(join(CASES, name, 'case.md'), 'utf8'), name).toMatch(/^# [^\n]+\n\n\S/);
  }
});
