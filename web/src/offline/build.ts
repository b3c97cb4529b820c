import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Only where somebody goes, and large: fetched when it is wanted. */
const LEFT_OUT = /\.map$|^assets\/Promql-/;

/** Builds /sw.js out of worker.js: with the names of all files of the build, and a version that changes when any of them does. */
export function serviceWorker(root: string): Plugin {
  return {
    name: 'ccmeter-service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const folder = join(root, 'public');
        const fixed = readdirSync(folder);
        const built = Object.keys(bundle).filter((name) => !LEFT_OUT.test(name));
        const hash = createHash('sha256');
        for (const name of fixed) hash.update(readFileSync(join(folder, name)));
        for (const name of built.sort()) {
          const file = bundle[name];
          hash.update(name);
          if (file?.type === 'asset') hash.update(file.source);
        }
        const files = [...built, ...fixed].map((name) => `/${name}`).sort();
        const source = readFileSync(join(root, 'src', 'offline', 'worker.js'), 'utf8')
          .replace('self.__FILES__', JSON.stringify(files))
          .replace('__VERSION__', hash.digest('hex').slice(0, 16));
        this.emitFile({ type: 'asset', fileName: 'sw.js', source });
      },
    },
  };
}
