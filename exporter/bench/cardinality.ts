import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Health } from '../src/health.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import { renderPage, toPageFamily } from '../src/meter/page.ts';
import { collectFamilies } from '../src/meter/points.ts';
import { responseFact, sessionFact } from '../src/testing.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');
const PROJECTS = 1000;
const SESSIONS = 10_000;
const RESPONSES = 4;

/** A ledger with 1,000 projects and 10,000 sessions, all of the last day: what the bounds make of it. */
export async function cardinality(): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-bench-'));
  try {
    const ledger = new Ledger(directory, 'laptop');
    fill(ledger);
    const begun = performance.now();
    ledger.settle(NOW);
    const settled = performance.now();
    const health = new Health(NOW);
    const render = () =>
      renderPage(
        collectFamilies('laptop', ledger.book, ledger.sessionsSince(NOW - 86_400_000), health, NOW).map(toPageFamily),
        'prometheus',
      );
    render();
    const rendering = performance.now();
    const page = render();
    const rendered = performance.now();
    const bytes = statSync(join(directory, 'ledger.db')).size;
    const [projects] = ledger.book.bounds.fill();
    const lines = [
      `${PROJECTS.toLocaleString('en')} projects, ${SESSIONS.toLocaleString('en')} sessions of one day, ${(SESSIONS * RESPONSES).toLocaleString('en')} responses`,
      `counted in ${((settled - begun) / 1000).toFixed(1)} s: ${ledger.book.size.toLocaleString('en')} series, ${projects?.admitted} projects by name, ${projects?.folded} as other`,
      `page: ${(page.length / 1e6).toFixed(1)} MB (${(gzipSync(page, { level: 1 }).length / 1e6).toFixed(2)} MB gzipped) in ${(rendered - rendering).toFixed(0)} ms`,
      `ledger ${(bytes / 1e6).toFixed(0)} MB, resident memory ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
    ];
    ledger.close();
    return lines;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function fill(ledger: Ledger): void {
  ledger.begin();
  for (let at = 0; at < SESSIONS; at++) {
    const sessionId = `5e551011-0000-4000-a000-${String(at).padStart(12, '0')}`;
    const lastMs = NOW - 3_600_000 - at * 7000;
    const place = { sessionId, key: `session:${sessionId}`, project: `project-${at % PROJECTS}` };
    ledger.put(sessionFact({ ...place, timeMs: lastMs - 60_000, lastMs, lastMainMs: lastMs }));
    for (let response = 0; response < RESPONSES; response++) {
      const tokens = { input: 3, output: 100 + (at % PROJECTS), cacheRead: 1000, write5m: 200, write1h: 0 };
      ledger.put(responseFact({ key: `response:${at}-${response}`, sessionId, timeMs: lastMs - response * 1000, tokens }));
    }
  }
  ledger.commit([]);
}
