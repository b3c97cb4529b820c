import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Health } from '../health.ts';
import { SeriesBook } from '../ledger/series.ts';
import { settle } from '../ledger/settle.ts';
import { responseFact, SESSION } from '../testing.ts';
import type { Fact, SessionFact } from '../track/fact.ts';
import { createBirths } from './births.ts';
import { chooseFormat, type PageFormat, renderPage, toPageFamily } from './page.ts';
import { collectFamilies } from './points.ts';
import { createProducer } from './producer.ts';

const NOW = Date.parse('2026-03-01T12:05:00.000Z');

function session(project: string): SessionFact {
  return {
    type: 'session',
    key: `session:${SESSION}`,
    sessionId: SESSION,
    timeMs: NOW - 300_000,
    lastMs: NOW - 60_000,
    lastMainMs: 0,
    project,
    projectRank: 2,
    projectMs: 0,
    begun: true,
    model: 'claude-opus-5',
    branch: 'main',
    version: '2.1.200',
    turnOpen: true,
    toldOpen: false,
    ended: false,
    durationMs: 0,
    settled: false,
  };
}

function createPage(project = 'harbour', hasBegun = () => true) {
  const book = new SeriesBook();
  const health = new Health(NOW - 1000);
  const count = (...facts: Fact[]) =>
    settle(
      facts.map((fact) => ({ fact, counted: new Map(), revision: 0 })),
      { book, sessionOf: () => session(project), nowMs: NOW },
    );
  const births = createBirths(hasBegun);
  return {
    count,
    health,
    async render(format: PageFormat = 'prometheus'): Promise<string[]> {
      return renderPage(births(collectFamilies('laptop', book, [session(project)], health, NOW)).map(toPageFamily), format).split('\n');
    },
  };
}

test('the text format', async () => {
  const page = createPage();
  page.count(responseFact());
  const lines = await page.render();
  expect(lines).toContain('# TYPE ccmeter_tokens_total counter');
  expect(lines).toContain('ccmeter_tokens_total{host="laptop",project="harbour",model="claude-opus-5",agent="main",kind="output"} 10');
  expect(lines).toContain('ccmeter_cost_usd_total{host="laptop",project="harbour",model="claude-opus-5",agent="main"} 0.00025');
  expect(lines).toContain('# TYPE ccmeter_session_info gauge');
  expect(lines).toContain('ccmeter_sessions_active{host="laptop",project="harbour",state="working"} 1');
  expect(lines).toContain('ccmeter_sessions_active{host="laptop",project="harbour",state="idle"} 0');
});

test('OpenMetrics names families without suffix, says the unit, when a counter began, and where the page ends', async () => {
  const page = createPage();
  page.count(responseFact());
  const lines = await page.render('openmetrics');
  expect(lines).toContain('# TYPE ccmeter_tokens counter');
  expect(lines).toContain('# UNIT ccmeter_tokens tokens');
  expect(lines).toContain('# TYPE ccmeter_session info');
  const created = 'ccmeter_tokens_created{host="laptop",project="harbour",model="claude-opus-5",agent="main",kind="output"} ';
  expect(lines).toContain(`${created}${Date.parse('2026-03-01T12:00:00.001Z') / 1000}`);
  expect(lines.slice(-2)).toEqual(['# EOF', '']);
});

test('a series that appears later is shown once at 0; what was there at the first look is history', async () => {
  const page = createPage();
  page.count(responseFact());
  const line = (model: string, value: number) =>
    `ccmeter_requests_total{host="laptop",project="harbour",model="${model}",agent="main"} ${value}`;
  expect(await page.render()).toContain(line('claude-opus-5', 1));
  page.count(responseFact({ key: 'response:2', model: 'glm-5' }));
  expect(await page.render()).toContain(line('glm-5', 0));
  expect(await page.render()).toContain(line('glm-5', 1));
});

/** Samples of a page, by name and labels in any order. */
function samples(page: string): Record<string, number> {
  const found = [...page.matchAll(/^([a-z_]+)\{(.*)\} (\S+)$/gm)].map(([, name, labels = '', value]) => {
    const sorted = [...labels.matchAll(/\w+="(?:[^"\\]|\\.)*"/g)].map(String).sort().join(',');
    return [`${name}{${sorted}}`, Number(value)] as const;
  });
  return Object.fromEntries(found);
}

test('the page says the same as the page that OpenTelemetry makes of the same points', async () => {
  const book = new SeriesBook();
  const timeMs = NOW - 2 * 3600_000;
  const tool: Fact = {
    type: 'tool',
    key: 'tool:1',
    timeMs,
    sessionId: SESSION,
    use: { timeMs, sessionId: SESSION, agent: 'main', tool: 'Bash' },
    result: { timeMs: timeMs + 700, sessionId: SESSION, outcome: 'error', category: 'other' },
    settled: false,
  };
  const facts = [responseFact(), responseFact({ key: 'response:2', model: 'odd "name"\\' }), tool];
  settle(
    facts.map((fact) => ({ fact, counted: new Map(), revision: 0 })),
    { book, sessionOf: () => session('harbour'), nowMs: NOW },
  );
  const families = () => collectFamilies('laptop', book, [session('harbour')], new Health(NOW), NOW);
  const reader = new PrometheusExporter({
    preventServerStart: true,
    metricProducers: [createProducer(families, () => NOW)],
  });
  new MeterProvider({ readers: [reader] });
  const { resourceMetrics } = await reader.collect();
  const theirs = new PrometheusSerializer(undefined, false, undefined, true, true).serialize(resourceMetrics);
  expect(Object.keys(samples(theirs)).length).toBeGreaterThan(20);
  expect(samples(renderPage(families().map(toPageFamily), 'prometheus'))).toEqual(samples(theirs));
});

test('a label may hold anything and the page stays a page', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 30 }), async (project) => {
      const page = createPage(project);
      page.count(responseFact());
      const text = (await page.render()).join('\n');
      const match = /^ccmeter_requests_total\{host="laptop",project="((?:[^"\\\n]|\\.)*)",model/m.exec(text);
      const read = match?.[1]?.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
      expect(read).toBe(project.toWellFormed());
    }),
  );
});

test.each([
  [undefined, 'prometheus'],
  ['*/*', 'prometheus'],
  ['text/plain;version=0.0.4', 'prometheus'],
  ['application/openmetrics-text; version=1.0.0', 'openmetrics'],
  ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.8', 'prometheus'],
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  ['application/openmetrics-text;q=0', 'prometheus'],
])('Accept %s is answered with %s', (accept, format) => {
  expect(chooseFormat(accept)).toBe(format);
});
