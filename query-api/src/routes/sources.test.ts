import { expect, test } from 'vitest';
import { objectionTo } from '../promql/guard.ts';
import { nativeQuery, SHARED_NUMBERS } from '../promql/native.ts';
import { createTestApp } from '../testing.ts';
import { createFixture } from '../upstream/fixture.ts';
import type { Sources } from './sources.ts';

test('both sources are asked over the same day, and one without series says nothing', async () => {
  const upstream = createFixture({
    instant: (query) => {
      if (query.includes('claude_code_token')) return [{ labels: {}, value: 190 }];
      return query.includes('claude_code') ? [] : [{ labels: {}, value: 100 }];
    },
  });
  const { app } = createTestApp({ upstream });
  const { start, end, numbers } = (await (await app.request('/api/sources')).json()) as Sources;
  expect(end - start).toBe(86_400);
  expect(numbers.find((one) => one.name === 'tokens')).toEqual({ name: 'tokens', own: 100, native: 190 });
  expect(numbers.find((one) => one.name === 'cost')).toEqual({ name: 'cost', own: 100, native: null });
});

test.each(SHARED_NUMBERS)('what telemetry says of %s is asked in PromQL', (name) =>
  expect(objectionTo(nativeQuery(name, 60))).toBeUndefined(),
);
