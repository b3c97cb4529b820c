import { describe, expect, test } from 'vitest';
import { events, type LabelName, labels, type Metric, metrics, parseEvent, type UnitName, units } from './index.ts';

const rows = Object.entries(metrics) as [string, Metric][];

/** Either 0 or 1. Over OTLP they are told without a unit: see `meter/producer.ts`. */
const FLAGS = ['ccmeter_exporter_ready', 'ccmeter_exporter_watching'];

describe.each(rows)('%s', (name, metric) => {
  test('is named as Prometheus wants it', () => {
    expect(name).toMatch(/^ccmeter_[a-z0-9_]+$/);
    if (metric.kind === 'counter') expect(name).toMatch(/_total$/);
    else expect(name).not.toMatch(/_(total|sum|count|bucket)$/);
    if (metric.kind === 'info') expect(name).toMatch(/_info$/);
  });

  test('carries its unit in its name, so that every way gives the same name', () => {
    const { suffix } = units[metric.unit];
    // A flag is a ratio of 0 or 1 and reads better without the word.
    if (suffix === '' || FLAGS.includes(name)) return;
    expect(name.replace(/_total$/, '')).toMatch(new RegExp(`_${suffix}$`));
  });

  test('has only labels that are explained, the host first', () => {
    expect(metric.labels[0]).toBe('host');
    expect(new Set(metric.labels).size).toBe(metric.labels.length);
    for (const label of metric.labels) expect(labels).toHaveProperty(label);
  });

  test('is explained in whole sentences', () => {
    for (const text of [metric.help, metric.source, metric.moves]) expect(text).toMatch(/^[`\dA-Z].*\.$/s);
    expect(metric.help.toLowerCase()).not.toContain(name);
  });

  test('has an example that asks for it', () => {
    expect(metric.example).toContain(name);
  });
});

test.each(Object.entries(labels))('label %s does not collide with what Prometheus and its users add', (name, label) => {
  expect(['type', 'le', 'quantile', 'job', 'instance', 'region', 'zone', 'cluster', 'service', 'env', 'owner']).not.toContain(name);
  const bounded = 'values' in label || 'bound' in label;
  expect(bounded).toBe(true);
});

test('every unit and every label is used', () => {
  const usedUnits = new Set(rows.map(([, { unit }]) => unit));
  const usedLabels = new Set(rows.flatMap(([, { labels: names }]) => names));
  expect((Object.keys(labels) as LabelName[]).filter((name) => !usedLabels.has(name))).toEqual([]);
  expect((Object.keys(units) as UnitName[]).filter((name) => !usedUnits.has(name))).toEqual([]);
});

describe('parseEvent', () => {
  const session = {
    id: 'evt_aaaaaaaaaaaaaaaaaaaa',
    source: 'laptop',
    timestamp: '2026-02-04T10:00:00.123Z',
    type: 'session',
    payload: { sessionId: 's', action: 'started', project: 'harbour' },
  };

  test('reads an event and leaves behind what the contract does not list', () => {
    const given = { ...session, secret: 1, payload: { ...session.payload, type: 'session', prompt: 'what a person wrote' } };
    expect(parseEvent(given)).toEqual(session);
  });

  test('takes null for an optional field as absent, as other monitors write it', () => {
    const tool = { ...session, type: 'tool', payload: { sessionId: 's', tool: 'Bash', status: 'started', context: null, project: null } };
    expect(parseEvent(tool)).toEqual({ ...tool, payload: { sessionId: 's', tool: 'Bash', status: 'started' } });
  });

  test('brings timestamps to UTC', () => {
    expect(parseEvent({ ...session, timestamp: '2026-02-04T11:00:00+01:00' })).toMatchObject({ timestamp: '2026-02-04T10:00:00.000Z' });
  });

  test.each([
    ['null', null, 'an event is an object'],
    ['a list', [], 'an event is an object'],
    ['a foreign id', { ...session, id: 'evt_1' }, 'id:'],
    ['no source', { ...session, source: '' }, 'source:'],
    ['a date without time', { ...session, timestamp: '2026-02-04' }, 'timestamp:'],
    ['an unknown type', { ...session, type: 'constructor' }, 'type:'],
    ['no payload', { ...session, payload: null }, 'payload:'],
    ['a missing field', { ...session, payload: { sessionId: 's', action: 'started' } }, 'payload.project: is missing'],
    ['a field of another shape', { ...session, payload: { ...session.payload, action: 'paused' } }, 'payload.action: does not fit'],
  ])('says what is wrong with %s', (_, given, message) => {
    expect(parseEvent(given)).toEqual({ error: expect.stringContaining(message) });
  });

  test('every type has at least a field and a help text', () => {
    for (const { help, fields } of Object.values(events)) {
      expect(help).toMatch(/\.$/);
      expect(Object.keys(fields).length).toBeGreaterThan(0);
    }
  });
});
