import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderPage, toPageFamily } from '../../exporter/src/meter/page.ts';
import { collectFamilies } from '../../exporter/src/meter/points.ts';
import { scanOnce } from '../../exporter/src/once.ts';
import { Replay, readTree, totalsOf } from '../tools/replay.ts';

const CASES = join(import.meta.dirname, '..', 'fixtures', 'transcripts');

/** Late enough that everything in the fixtures is history. */
const NOW = Date.parse('2026-10-01T00:00:00.000Z');

test.each(readdirSync(CASES))('the page of %s', async (name) => {
  const scan = scanOnce([join(CASES, name, 'claude')], NOW, () => {});
  const families = collectFamilies('laptop', scan.book, scan.sessions, scan.health, NOW);
  const page = renderPage(families.map(toPageFamily), 'prometheus')
    .split('\n')
    .filter((line) => !line.startsWith('# HELP'))
    // Follows the times of the files on disk, which are those of the checkout.
    .filter((line) => !line.startsWith('ccmeter_history_deletion_timestamp_seconds'))
    .join('\n');
  await expect(page).toMatchFileSnapshot(join('pages', `${name}.prom`));
});

test.each(readdirSync(CASES))('the events of %s, and the same totals with a ledger', async (name) => {
  const replay = new Replay(NOW);
  for (const { path, bytes } of readTree(join(CASES, name, 'claude'))) replay.append(path, bytes);
  await replay.sweep();
  const events = replay.events().map((event) => JSON.stringify(event));
  await expect(`${events.join('\n')}\n`).toMatchFileSnapshot(join('events', `${name}.jsonl`));
  expect(replay.totals()).toEqual(totalsOf(scanOnce([join(CASES, name, 'claude')], NOW, () => {}).book));
  await replay.close();
});
