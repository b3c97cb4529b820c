import * as v from 'valibot';
import { expect, test } from 'vitest';
import { createTestApp, eventOf, NOW_MS, someEvent } from '../testing.ts';
import { createFixture } from '../upstream/fixture.ts';
import { answers } from './answers.ts';
import { createDocument, undocumented } from './document.ts';
import { operations } from './operations.ts';

test('every route has a row', async () => {
  const { app } = createTestApp();
  // Add what is named here to openapi/operations.ts.
  expect(undocumented(await createDocument(app, '1'))).toEqual([]);
});

test('is OpenAPI 3.1 with parameters, forms, bodies and errors', async () => {
  const { app } = createTestApp();
  const response = await app.request('/api/openapi.json');
  expect([response.status, await response.json()]).toEqual([
    200,
    expect.objectContaining({
      openapi: '3.1.0',
      paths: expect.objectContaining({
        '/api/v1/query': {
          get: expect.objectContaining({
            parameters: expect.arrayContaining([expect.objectContaining({ name: 'query', required: true })]),
          }),
          post: expect.objectContaining({
            requestBody: { required: true, content: { 'application/x-www-form-urlencoded': { schema: expect.anything() } } },
            responses: expect.objectContaining({
              400: {
                description: expect.stringContaining('invalid_parameter'),
                content: { 'application/json': { schema: { $ref: '#/components/schemas/PrometheusError' } } },
              },
            }),
          }),
        },
        '/api/v1/label/{name}/values': {
          get: expect.objectContaining({
            parameters: expect.arrayContaining([{ in: 'path', name: 'name', required: true, schema: { type: 'string' } }]),
          }),
        },
      }),
    }),
  ]);
});

test('its page needs no script and nothing from elsewhere', async () => {
  const { app } = createTestApp();
  const page = await (await app.request('/api/docs')).text();
  for (const [path, { summary }] of Object.entries(operations))
    if (path.includes('/api/')) expect(page).toContain(summary.replaceAll("'", '&#39;'));
  expect(page).not.toMatch(/<script|style=|\son\w+=|https?:\/\//);
  const style = await app.request('/api/docs/style.css');
  expect([style.status, style.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
});

test.each([
  ['panels', '/api/panels'],
  ['panel', '/api/panels/tokens?start=0&end=120&step=60&by=model'],
  ['range', '/api/range'],
  ['filterOptions', '/api/filter-options?start=0&end=60'],
  ['events', '/api/events'],
  ['sessions', '/api/sessions'],
  ['session', '/api/sessions/s1'],
  ['activity', '/api/activity?start=0&end=60'],
  ['stats', '/api/stats'],
  ['sources', '/api/sources'],
  ['health', '/api/health'],
  ['doctor', '/api/doctor'],
  ['prometheusFacts', '/api/prometheus'],
  ['prometheus', '/api/v1/query?query=up'],
] as const)('%s is as the document says', async (shape, path) => {
  const sample = { labels: { host: 'h', project: 'p', model: 'm' }, value: 1 };
  const upstream = createFixture({ instant: () => [sample], range: () => [{ labels: { model: 'm' }, points: [[60, 1]] }] });
  const { app, deps } = createTestApp({ upstream });
  const tool = eventOf('tool', 2, { sessionId: 's1', tool: 'Bash', status: 'completed', context: 'x', project: 'p1' });
  deps.store.append([someEvent(1), tool], NOW_MS);
  const response = await app.request(path);
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  expect(v.safeParse(answers[shape], body).issues).toBeUndefined();
});
