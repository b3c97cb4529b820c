import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { missingOptional } from '../deploy/complete-lock.ts';

/** How we write code, as far as a program can see it. CONTRIBUTING.md says why. */

const ROOT = join(import.meta.dirname, '..');

/** Files that git knows or would know, so that a build beside them does not matter. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));
const sources = files.filter((path) => /\.tsx?$/.test(path));
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const importsOf = (path: string) =>
  [...textOf(path).matchAll(/^(?:import|export)\s[^;]*?from\s+'([^']+)'/gm)].map((match) => match[1] ?? '');
const isTest = (path: string) => /\.test\.tsx?$|\/testing\.ts$/.test(path);

/** Where a relative import leads, as a path in the repository. */
const target = (from: string, to: string) => posix.normalize(posix.join(posix.dirname(from), to));

/** Folders whose code may not touch the world: what goes in comes out, so that it can be tested and replayed. */
const PURE = [
  'exporter/src/contract/',
  'exporter/src/parse/',
  'exporter/src/track/',
  'exporter/src/price/',
  'query-api/src/promql/',
  'web/src/charts/options/',
];
const isPure = (path: string) => PURE.some((folder) => path.startsWith(folder)) && !isTest(path);

test('pure folders touch nothing outside', () => {
  const outside = sources.filter(isPure).flatMap((path) => {
    const modules = importsOf(path).filter((name) => name.startsWith('node:'));
    const calls = textOf(path).match(/\b(?:Date\.now|Math\.random|process\.env)\b|\bnew Date\(\)|\bfetch\(/g) ?? [];
    return [...modules, ...calls].map((what) => `${path}: ${what}`);
  });
  expect(outside).toEqual([]);
});

/** Imports go one way: web → query-api → exporter/contract. `deploy` and `tests` see everything, and nothing sees them. */
const ALLOWED: Record<string, RegExp> = {
  exporter: /^never$/,
  'query-api': /^@ccmeter\/exporter\/contract$/,
  // The price table is data, and the same in the exporter and on the page that shows it.
  web: /^@ccmeter\/(?:query-api\/client|exporter\/(?:contract|prices))$/,
};

test('imports go one way', () => {
  const wrong = sources.flatMap((path) => {
    const own = path.split('/')[0] ?? '';
    const allowed = ALLOWED[own];
    // Benches, like tests, see everything.
    if (allowed === undefined || path.includes('/bench/')) return [];
    const inContract = path.startsWith('exporter/src/contract/') && !isTest(path);
    const home = inContract ? 'exporter/src/contract/' : `${own}/`;
    return importsOf(path)
      .filter((name) => (name.startsWith('.') ? !target(path, name).startsWith(home) : name.startsWith('@ccmeter/') && !allowed.test(name)))
      .map((name) => `${path}: ${name}`);
  });
  expect(wrong).toEqual([]);
});

test('local imports have their ending', () => {
  const wrong = sources.flatMap((path) =>
    importsOf(path)
      .filter((name) => name.startsWith('.') && !/\.(?:tsx?|css|json|svg|js)(?:\?\w+)?$/.test(name))
      .map((name) => `${path}: ${name}`),
  );
  expect(wrong).toEqual([]);
});

test('types have no holes', () => {
  const HOLE = /:\s*any\s*[;,)=>\]|]|\bas any\b|@ts-ignore|@ts-nocheck|@ts-expect-error/;
  expect(sources.filter((path) => path !== 'tests/tidy.test.ts' && HOLE.test(textOf(path)))).toEqual([]);
});

/** Tables and types may be long, because they are read by looking up. */
const LONG = /contract\/|prices\.ts$|fact\.ts$|\/gallery\/|fixtures?\b/;
const MAX_LINES = 400;

test('a file holds one idea', () => {
  const long = sources.filter((path) => !isTest(path) && !path.startsWith('tests/') && !LONG.test(path));
  expect(long.filter((path) => textOf(path).split('\n').length >= MAX_LINES)).toEqual([]);
});

test('no file carries the path of somebody’s machine', () => {
  const texts = files.filter(
    (path) => /\.(?:tsx?|js|json|md|ya?ml|toml|css|html|prom)$|\/run$/.test(path) && path !== 'tests/tidy.test.ts',
  );
  const found = texts.filter((path) => /\/root\/|\/work\/(?:main|shared)|\/tmp\/bash/.test(textOf(path)));
  expect(found).toEqual([]);
});

test('the lock file knows every optional package, so that `npm ci` takes it on every platform: else run `npm run lock`', () => {
  expect(missingOptional(JSON.parse(textOf('package-lock.json')).packages)).toEqual([]);
});

test('the lock file names no registry', () => {
  expect(textOf('package-lock.json')).not.toMatch(/"resolved": "https?:/);
});
