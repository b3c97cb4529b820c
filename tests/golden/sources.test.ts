import { cpSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Health } from '../../exporter/src/health.ts';
import { Ledger } from '../../exporter/src/ledger/ledger.ts';
import { createLog } from '../../exporter/src/log.ts';
import { renderPage, toPageFamily } from '../../exporter/src/meter/page.ts';
import { collectFamilies } from '../../exporter/src/meter/points.ts';
import { Scanner } from '../../exporter/src/scan.ts';

const CASES = join(import.meta.dirname, '..', 'fixtures', 'sources');
const NOW = Date.parse('2026-09-01T12:00:00.000Z');

/** When every file of a case was last changed: a checkout does not keep such times. */
const MODIFIED = Date.parse('2026-08-31T10:00:00.000Z');

/** What the files beside the transcripts give. The rest has goldens of its own. */
const METRICS =
  /ccmeter_(stats|todos|file_history|skill|hour|history_(deletion|at_risk|retention)|sessions_(total|active)|exporter_(unusable|read_errors))/;
const EVENTS = /"type":"(todo_progress|file_change|session_metrics|activity_pattern|token_usage|model_distribution|skill_invocation|session)"/;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ccmeter-sources-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test.each(readdirSync(CASES))('page and events of %s', async (name) => {
  const claudeDir = join(directory, 'claude');
  cpSync(join(CASES, name, 'claude'), claudeDir, { recursive: true });
  for (const path of readdirSync(claudeDir, { recursive: true })) utimesSync(join(claudeDir, String(path)), MODIFIED / 1000, MODIFIED / 1000);

  const ledger = new Ledger(join(directory, 'state'), 'laptop');
  const health = new Health(NOW);
  const scanner = new Scanner({ claudeDirs: [claudeDir], ledger, health, log: createLog('silent'), now: () => NOW });
  // A file that is not whole is tried again by later sweeps; here they come at once.
  for (let round = 0; round < 5; round++) await scanner.sweep();
  const families = collectFamilies('laptop', ledger.book, ledger.sessionsSince(0), health, NOW);
  const page = renderPage(families.map(toPageFamily), 'prometheus').split('\n');
  const shown = page.filter((line) => METRICS.test(line) && !line.startsWith('# HELP'));
  await expect(`${shown.join('\n')}\n`).toMatchFileSnapshot(join('sources', `${name}.prom`));
  const events = ledger.outbox(1000).map(({ body }) => body);
  await expect(`${events.filter((body) => EVENTS.test(body)).join('\n')}\n`).toMatchFileSnapshot(join('sources', `${name}.events.jsonl`));
  await scanner.close();
  ledger.close();
});
