import { describe, expect, test } from 'vitest';
import type { PanelAnswer } from '../../api/client.ts';
import { HUES, modelSlots, nameSlots, REST_SLOT, SLOTS } from '../colours.ts';
import { axisLabel, bucketTitle, labelledBars, needsYear } from './axis.ts';
import { barsOption } from './bars.ts';
import { MAX_LAYERS, REST_KEY, stackOf, visibleLayers } from './stack.ts';

type Series = PanelAnswer['series'];
const answer = (start: number, end: number, step: number | null, series: Series): PanelAnswer => ({
  id: 'tokens',
  unit: 'token',
  start,
  end,
  step,
  series,
  query: '',
});
const points = (model: string, ...values: [number, number][]) => ({
  labels: { model },
  value: values.reduce((sum, [, value]) => sum + value, 0),
  points: values,
});

describe('a stack', () => {
  const head = answer(40, 60, null, [{ labels: { model: 'b' }, value: 5, points: null }]);
  const body = answer(60, 200, 60, [points('a', [60, 1], [180, 2]), points('b', [120, 10])]);
  const stack = stackOf('model', head, body, { model: modelSlots(['a', 'b']) });

  test('has a bar for the head and one per step, the last cut by the end', () => {
    expect(stack.buckets).toEqual([
      { start: 40, end: 60 },
      { start: 60, end: 120 },
      { start: 120, end: 180 },
      { start: 180, end: 200 },
    ]);
  });

  test('has the largest layer first and adds up to the range', () => {
    expect(stack.layers.map((layer) => [layer.key, layer.values, layer.total])).toEqual([
      ['b', [5, 0, 10, 0], 15],
      ['a', [0, 1, 0, 2], 3],
    ]);
    expect(stack.total).toBe(18);
  });

  test('leaves out what is nothing', () => {
    expect(stackOf('model', null, answer(0, 60, 60, [points('a', [0, 0])]), {}).layers).toEqual([]);
  });

  test('sums up what is too much to tell apart', () => {
    const many = Array.from({ length: 12 }, (_, index) => points(`m${index}`, [0, 100 - index]));
    const crowded = stackOf('model', null, answer(0, 60, 60, many), { model: modelSlots(many.map((one) => one.labels.model)) });
    const rest = crowded.layers.at(-1);
    expect(crowded.layers).toHaveLength(MAX_LAYERS);
    expect(rest).toMatchObject({ key: REST_KEY, label: '5 others', slot: REST_SLOT, total: 93 + 92 + 91 + 90 + 89 });
    expect(crowded.total).toBe(many.reduce((sum, one) => sum + one.value, 0));
  });

  test('can be seen without some layers', () => {
    expect(visibleLayers(stack, new Set(['b'])).map((layer) => layer.key)).toEqual(['a']);
  });
});

describe('model colours', () => {
  const models = ['claude-opus-4-6', 'claude-sonnet-4-5-20250929', 'claude-haiku-4-5-20251001', 'glm-4.7', 'claude-sonnet-4-20250514'];
  test('do not depend on order', () => expect(modelSlots([...models].reverse())).toEqual(modelSlots(models)));
  test('differ', () => expect(new Set(modelSlots(models).values()).size).toBe(models.length));
  test('give the newest of a family the colour of the family', () => {
    const slots = modelSlots(models);
    const newest = ['claude-opus-4-6', 'claude-sonnet-4-5-20250929', 'claude-haiku-4-5-20251001'];
    expect(newest.map((model) => slots.get(model))).toEqual([0, 1, 2]);
    expect(slots.get('claude-sonnet-4-20250514')).toBeGreaterThan(2);
  });
  test('are used twice only when all are in use', () => {
    const used = [...modelSlots(Array.from({ length: 40 }, (_, index) => `m${index}`)).values()];
    expect(new Set(used.slice(0, SLOTS)).size).toBe(SLOTS);
    expect(used).not.toContain(REST_SLOT);
  });
});

describe('project colours', () => {
  const projects = ['harbour', 'tide-tables', 'atlas-web', 'sandbox', 'lamp-firmware', 'release-notes', 'docs', 'notes'];
  test('do not depend on order or use', () => expect(nameSlots([...projects].reverse())).toEqual(nameSlots(projects)));
  test('differ as long as there are hues', () => expect(new Set(nameSlots(projects).values()).size).toBe(HUES));
  test('are strong before they are pale, and used twice only when all are in use', () => {
    const slots = [...nameSlots(Array.from({ length: 20 }, (_, index) => `project-${String(index).padStart(2, '0')}`)).values()];
    expect(Math.max(...slots.slice(0, HUES))).toBeLessThan(HUES);
    expect(new Set(slots.slice(0, SLOTS)).size).toBe(SLOTS);
    expect(slots).not.toContain(REST_SLOT);
  });
});

describe('the time axis', () => {
  const place = { locale: 'en-US', timeZone: 'UTC' };
  const at = (text: string) => Date.parse(text) / 1000;
  const bars = (start: string, step: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({ start: at(start) + index * step, end: at(start) + (index + 1) * step }));
  const utc = () => 0;

  test('names midnights by their day', () => {
    const [first, second] = bars('2026-11-20T00:00Z', 3600, 2);
    expect(first && axisLabel(first, 3600, place)).toBe('Nov 20');
    expect(second && axisLabel(second, 3600, place)).toBe('01:00');
  });

  test('names the right day when summer time has shifted midnight', () => {
    const start = at('2026-11-19T23:00Z');
    expect(axisLabel({ start, end: start + 86_400 }, 86_400, place)).toBe('Nov 20');
    expect(axisLabel({ start, end: start + 86_400 }, 86_400, place, true)).toBe('Nov 20, 2026');
    expect(needsYear([{ start, end: start + 86_400 }])).toBe(false);
    expect(
      needsYear([
        { start: start - 400 * 86_400, end: start - 399 * 86_400 },
        { start, end: start + 86_400 },
      ]),
    ).toBe(true);
  });

  test('labels round times only, as many as there is room for', () => {
    const day = bars('2026-11-20T00:00Z', 1800, 48);
    expect([...labelledBars(day, 1800, 8, utc)]).toEqual([0, 6, 12, 18, 24, 30, 36, 42]);
    expect([...labelledBars(day, 1800, 3, utc)]).toEqual([0, 24]);
    expect(labelledBars(bars('2026-11-01T00:00Z', 86_400, 30), 86_400, 40, utc).size).toBe(30);
  });

  test('does not label a cut-off first bar', () => {
    const cut = [{ start: at('2026-11-20T01:10Z'), end: at('2026-11-20T02:00Z') }, ...bars('2026-11-20T02:00Z', 3600, 3)];
    expect([...labelledBars(cut, 3600, 8, utc)]).toEqual([1, 2, 3]);
  });

  test('says when a bar is cut off or still growing', () => {
    const hour = { start: at('2026-11-20T01:00Z'), end: at('2026-11-20T02:00Z') };
    expect(bucketTitle(hour, 3600, at('2026-11-20T03:00Z'), place)).toBe('Fri, Nov 20, 01:00 – 02:00');
    expect(bucketTitle(hour, 3600, at('2026-11-20T01:30Z'), place)).toBe('Fri, Nov 20, 01:00 – 02:00, so far');
    const part = { start: at('2026-11-20T13:00Z'), end: at('2026-11-21T00:00Z') };
    expect(bucketTitle(part, 86_400, at('2026-11-22T00:00Z'), place)).toBe('Nov 20, 2026, 13:00 – 00:00');
  });
});

test('the option holds the layers bottom up, in the colours of their slots, and no text that is read as markup', () => {
  const theme = {
    text: '#111',
    font: 'sans-serif',
    line: '#ddd',
    surface: '#fff',
    slots: Array.from({ length: SLOTS + 1 }, (_, index) => `#${index}`),
  };
  const stack = stackOf('model', null, answer(0, 120, 60, [points('<b>x</b>', [0, 3], [60, 4]), points('y', [0, 1])]), {
    model: new Map([['y', 2]]),
  });
  const option = barsOption({
    ...stack,
    labelled: new Set([0]),
    labelOf: (bucket) => String(bucket.start),
    formatValue: String,
    shape: 'bars',
    powersFrom: null,
    interval: null,
    most: null,
    top: 10,
    leastTick: 1,
    theme,
  });
  expect(option.series).toMatchObject([
    { id: 'layer:y', data: [1, 0], itemStyle: { color: '#2' } },
    { id: 'layer:<b>x</b>', data: [3, 4], itemStyle: { color: '#16' } },
  ]);
  expect(option.tooltip).toBeUndefined();
});
