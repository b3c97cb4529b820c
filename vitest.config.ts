import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{exporter,query-api,deploy}/**/*.test.ts', 'tests/*.test.ts', 'tests/{golden,property,contract}/**/*.test.ts'],
          // Only what hangs should fail: machines are small, and busy with other things.
          testTimeout: 60_000,
        },
      },
      './web/vite.config.ts',
      {
        test: {
          name: 'stack',
          include: ['tests/{promql,e2e}/**/*.test.ts'],
          globalSetup: ['tests/tools/setup.ts'],
          // Whole processes on small machines: one file at a time.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
