import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/**
 * Makes the package that is published: `node deploy/package.ts DIRECTORY`, then `npm pack` or `npm publish` there. In the repository Node
 * strips the types as it reads; below node_modules it refuses to, so here they are stripped once. Nothing is bundled or renamed.
 */
const ROOT = join(import.meta.dirname, '..');
const EXPORTER = join(ROOT, 'exporter');

export function makePackage(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  const sources = globSync('src/**/*.{ts,js}', { cwd: EXPORTER }).filter((path) => !/(\.test|[\\/]testing)\.ts$/.test(path));
  for (const path of sources) {
    const target = join(directory, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, toJavaScript(readFileSync(join(EXPORTER, path), 'utf8'), path === join('src', 'main.ts')));
  }
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  for (const file of ['README.md', 'METRICS.md']) copyFileSync(join(EXPORTER, file), join(directory, file));
  copyFileSync(join(ROOT, 'LICENSE'), join(directory, 'LICENSE'));
}

/** Types become spaces, so lines and columns of a trace are those of the source. */
function toJavaScript(source: string, isProgram: boolean): string {
  const stripped = stripTypeScriptTypes(source, { mode: 'strip' });
  const renamed = stripped.replace(/(['"])((?:\.{1,2}\/[^'"\n]+|main))\.ts\1/g, '$1$2.js$1');
  return isProgram ? `#!/usr/bin/env node\n${renamed}` : renamed;
}

function manifest(): object {
  const {
    private: _,
    name,
    version,
    license,
    type,
    engines,
    dependencies,
  } = JSON.parse(readFileSync(join(EXPORTER, 'package.json'), 'utf8'));
  return {
    name,
    version,
    description: 'Claude Code usage in Prometheus: exact counts, with history, live',
    keywords: ['claude-code', 'prometheus', 'opentelemetry', 'exporter', 'usage', 'cost'],
    license,
    type,
    engines,
    bin: { 'ccmeter-exporter': './src/main.js' },
    exports: { './contract': './src/contract/index.js', './prices': './src/price/prices.js' },
    files: ['src', 'METRICS.md'],
    dependencies,
  };
}

if (import.meta.main) {
  const directory = resolve(process.argv[2] ?? join(ROOT, 'dist', 'exporter'));
  makePackage(directory);
  process.stdout.write(`${directory}\n`);
}
