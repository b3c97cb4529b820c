import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { needs, pathOf } from '../tools/tools.ts';

/** The bars of DESIGN.md: script that a browser loads for a view, as it travels. */
const BEFORE_CHARTS_BYTES = 120_000;
const WHOLE_VIEW_BYTES = 350_000;

const options = needs('web');

interface Script {
  bytes: number;
  /** Needed before it can run. */
  imports: string[];
  /** Loaded by it when it is time. */
  later: string[];
}

/** The scripts of the build by name. Names of chunks are unique, and neither kind of import is written in another way. */
function readScripts(): Map<string, Script> {
  const folder = join(pathOf('web'), 'assets');
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const scripts = names.map((name): [string, Script] => {
    const text = readFileSync(join(folder, name), 'utf8');
    const named = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].flatMap(([, found]) => found ?? []))];
    return [
      name,
      {
        bytes: gzipSync(text, { level: 9 }).length,
        imports: named(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g),
        later: named(/import\(\s*["'`]\.\/([\w.-]+\.js)["'`]\s*\)/g),
      },
    ];
  });
  return new Map(scripts);
}

/** All that has to be there before these can run, themselves included. */
function withImports(scripts: Map<string, Script>, names: readonly string[]): Set<string> {
  const needed = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const script = scripts.get(name);
    if (!script) throw new Error(`the build has no ${name}`);
    waiting.push(...script.imports);
  }
  return needed;
}

function kilobytes(scripts: Map<string, Script>, names: Iterable<string>): number {
  return [...names].reduce((sum, name) => sum + (scripts.get(name)?.bytes ?? 0), 0) / 1000;
}

test('the first view has under 120 kB of script before charts, and no view over time more than 350 kB with them', options, () => {
  const scripts = readScripts();
  const page = readFileSync(join(pathOf('web'), 'index.html'), 'utf8');
  const entries = [...page.matchAll(/(?:src|href)="\/assets\/([\w.-]+\.js)"/g)].flatMap(([, name]) => name ?? []);
  const first = withImports(scripts, entries);
  expect(first.size).toBeGreaterThan(3);
  const later = [...first].flatMap((name) => scripts.get(name)?.later ?? []);
  const chart = later.find((name) => name.startsWith('Chart-'));
  const views = later.filter((name) => !name.startsWith('Promql-'));
  expect(chart).toBeDefined();
  expect(views.length).toBeGreaterThan(10);

  const whole = withImports(scripts, [...entries, chart ?? '']);
  expect(kilobytes(scripts, first)).toBeLessThan(BEFORE_CHARTS_BYTES / 1000);
  expect(kilobytes(scripts, whole)).toBeLessThan(WHOLE_VIEW_BYTES / 1000);
  for (const view of views) {
    expect(kilobytes(scripts, withImports(scripts, [...entries, chart ?? '', view])), view).toBeLessThan(WHOLE_VIEW_BYTES / 1000);
  }
});
