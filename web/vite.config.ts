import solid from 'vite-plugin-solid';
import { defineConfig } from 'vitest/config';
import { serviceWorker } from './src/offline/build.ts';

/** Where the query API listens in development. */
const API = 'http://127.0.0.1:10055';

export default defineConfig(({ command }) => {
  // What is built is for use, whoever starts it: tests do so with NODE_ENV=test, which would take Solid as its developers run it.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    root: import.meta.dirname,
    plugins: [solid(), serviceWorker(import.meta.dirname)],
    build: {
      // Browsers that know light-dark() and CSS nesting, so that the styles stay as they are written.
      target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
      // A data: URL or an inline style would need a wider Content-Security-Policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    server: { host: '127.0.0.1', proxy: { '/api': { target: API, changeOrigin: true } } },
    test: { name: 'web', environment: 'node', include: ['src/**/*.test.ts'], testTimeout: 60_000 },
  };
});
