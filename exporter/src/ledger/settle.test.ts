import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_TOKENS, responseFact } from '../testing.ts';
import type { ResponseFact } from '../track/fact.ts';
import { mergeResponses } from '../track/usage.ts';
import { SeriesBook } from './series.ts';
import { type OpenFact, type Sample, type SettledFact, settle as settleWith } from './settle.ts';

const MINUTE = 60_000;
const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const NOW = NOON + 90 * MINUTE;

function open(fact: ResponseFact, counted = new Map<number, number>(), revision = 0): OpenFact {
  return { fact, counted, revision };
}

/** Settles, and keeps what became of the facts. */
function settle(facts: readonly OpenFact[], book: SeriesBook, sessionOf: () => undefined, nowMs: number, repeatedMs = 0) {
  const settled: SettledFact[] = [];
  const settlement = settleWith(facts, { book, sessionOf, nowMs, repeatedMs, onSettled: (fact) => settled.push(fact) });
  return { ...settlement, facts: settled };
}

function outputSamples(samples: readonly Sample[]): [offsetMs: number, value: number][] {
  return samples
    .filter(({ series }) => series.metric === 'ccmeter_tokens_total' && series.values.includes('output'))
    .map(({ timeMs, value }) => [timeMs - NOON, value]);
}

test('a series is born at 0, at the beginning of its first minute', () => {
  const { samples } = settle([open(responseFact({ timeMs: NOON + 30_000 }))], new SeriesBook(), () => undefined, NOW);
  expect(outputSamples(samples)).toEqual([
    [1, 0],
    [30_000, 10],
  ]);
});

test('the old value stands at the beginning of each minute in which something happens', () => {
  const facts = [0, 30_000, 45_000, 10 * MINUTE].map((ms, at) => responseFact({ key: `response:${at}`, timeMs: NOON + ms }));
  const { samples } = settle(
    facts.map((fact) => open(fact)),
    new SeriesBook(),
    () => undefined,
    NOW,
  );
  expect(outputSamples(samples)).toEqual([
    [1, 0],
    [45_000, 30],
    [10 * MINUTE + 1, 30],
    [10 * MINUTE + 2, 40],
  ]);
});

test('what is learned late is counted after the last sample, and nothing goes down', () => {
  const book = new SeriesBook();
  const first = settle([open(responseFact({ timeMs: NOON + 30_000 }))], book, () => undefined, NOW);
  const [settled] = first.facts;
  const better = { ...responseFact(), ...settled?.fact, tokens: { ...NO_TOKENS, output: 25 } } as ResponseFact;
  const late = responseFact({ key: 'response:late', timeMs: NOON - 5 * MINUTE });
  const second = settle([open(better, settled?.counted, settled?.revision), open(late)], book, () => undefined, NOW);
  expect(outputSamples(second.samples)).toEqual([
    [30_001, 20],
    [30_002, 35],
  ]);
});

test('a figure that turns out smaller is owed and paid back by what comes next', () => {
  const book = new SeriesBook();
  const before = responseFact({ tokens: { ...NO_TOKENS, output: 10, input: 100 } });
  const [settled] = settle([open(before)], book, () => undefined, NOW).facts;
  const after = { ...before, settled: true, tokens: { ...NO_TOKENS, output: 20, input: 40 } };
  settle([open(after, settled?.counted, 1)], book, () => undefined, NOW);
  const input = [...book.all()].find(({ metric, values }) => metric === 'ccmeter_tokens_total' && values.includes('input'));
  expect(input).toMatchObject({ value: 100, debt: 60 });
  settle([open(responseFact({ key: 'response:next', tokens: { ...NO_TOKENS, input: 70 } }))], book, () => undefined, NOW);
  expect(input).toMatchObject({ value: 110, debt: 0 });
});

test('a response without a final count is looked at again after ten minutes and then said to be unfinished', () => {
  const book = new SeriesBook();
  const fact = responseFact({ finished: false, timeMs: NOW - MINUTE });
  const [young] = settle([open(fact)], book, () => undefined, NOW).facts;
  expect(young?.dueMs).toBe(fact.timeMs + 10 * MINUTE + 1);
  expect(book.total('ccmeter_unfinished_requests_total')).toBe(0);
  const [old] = settle([open(fact, young?.counted, 1)], book, () => undefined, NOW + 10 * MINUTE).facts;
  expect(old?.dueMs).toBeUndefined();
  expect(book.total('ccmeter_unfinished_requests_total')).toBe(1);
});

test('times that cannot be are brought to times that can: not before Claude Code, not in the future', () => {
  const facts = [responseFact({ key: 'response:a', timeMs: 0 }), responseFact({ key: 'response:b', timeMs: NOW + 1e10 })];
  const { samples } = settle(
    facts.map((fact) => open(fact)),
    new SeriesBook(),
    () => undefined,
    NOW,
  );
  for (const { timeMs } of samples) {
    expect(timeMs).toBeGreaterThan(Date.parse('2023-12-31'));
    expect(timeMs).toBeLessThanOrEqual(NOW + 2);
  }
});

describe('the law of the change log', () => {
  /** Sightings of a few responses over an hour and a half, cut into batches as a live exporter would meet them. */
  const sighting = fc.record({
    key: fc.integer({ min: 0, max: 12 }).map((number) => `response:${number}`),
    timeMs: fc.integer({ min: NOON, max: NOW }),
    model: fc.constantFrom('claude-opus-5', 'glm-5'),
    tokens: fc.record({
      input: fc.integer({ min: 0, max: 500 }),
      output: fc.integer({ min: 0, max: 500 }),
      cacheRead: fc.integer({ min: 0, max: 500 }),
      write5m: fc.constant(0),
      write1h: fc.constant(0),
    }),
  });
  const batches = fc.array(fc.array(sighting, { maxLength: 12 }), { minLength: 1, maxLength: 6 });

  /** Settles batch after batch. Where there is a pause between them, all totals are repeated after each, as for OTLP. */
  function play(
    all: readonly (readonly Partial<ResponseFact>[])[],
    pauseMs = 0,
  ): { book: SeriesBook; samples: Sample[]; repeated: Sample[] } {
    const book = new SeriesBook();
    const samples: Sample[] = [];
    const repeated: Sample[] = [];
    let nowMs = pauseMs === 0 ? NOW : NOON;
    let repeatedMs = 0;
    const known = new Map<string, OpenFact>();
    for (const batch of all) {
      const due = new Set<string>();
      for (const wish of batch) {
        const seen = responseFact(wish);
        const before = known.get(seen.key);
        const fact = before ? mergeResponses(before.fact as ResponseFact, seen) : seen;
        known.set(seen.key, { counted: before?.counted ?? new Map(), revision: before?.revision ?? 0, fact });
        due.add(seen.key);
      }
      const settlement = settle(
        [...due].map((key) => known.get(key) as OpenFact),
        book,
        () => undefined,
        nowMs,
        repeatedMs,
      );
      for (const one of settlement.facts) known.set(one.fact.key, one);
      samples.push(...settlement.samples);
      if (pauseMs === 0) continue;
      nowMs += pauseMs;
      repeatedMs = nowMs;
      for (const series of book.all()) repeated.push({ series, timeMs: nowMs, value: series.value });
    }
    return { book, samples, repeated };
  }

  test('over any range of whole minutes the largest sample less the smallest is what happened, and nothing goes back', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: -2, max: 92 }), fc.integer({ min: 1, max: 94 }), (all, from, minutes) => {
        const { book, samples } = play(all);
        const begin = NOON + from * MINUTE;
        const end = begin + minutes * MINUTE;
        for (const series of book.all()) {
          const own = samples.filter((sample) => sample.series === series);
          for (let at = 1; at < own.length; at++) {
            expect(own[at]?.timeMs).toBeGreaterThan(own[at - 1]?.timeMs ?? 0);
            expect(own[at]?.value).toBeGreaterThanOrEqual(own[at - 1]?.value ?? 0);
          }
          const valueAt = (ms: number) => own.findLast(({ timeMs }) => timeMs <= ms)?.value ?? 0;
          const inside = own.filter(({ timeMs }) => timeMs >= begin && timeMs <= end).map(({ value }) => value);
          const exact = inside.length === 0 ? 0 : Math.max(...inside) - Math.min(...inside);
          expect(exact).toBe(valueAt(end) - valueAt(begin));
          for (const { timeMs } of own) expect(timeMs % MINUTE).not.toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('the same holds where totals are repeated in between, whatever is learned late', () => {
    const pause = fc.constantFrom(MINUTE, 7000, 15 * MINUTE, 61_001);
    fc.assert(
      fc.property(batches, pause, fc.integer({ min: -2, max: 92 }), fc.integer({ min: 1, max: 94 }), (all, pauseMs, from, minutes) => {
        const { book, samples, repeated } = play(all, pauseMs);
        const begin = NOON + from * MINUTE;
        const end = begin + minutes * MINUTE;
        for (const series of book.all()) {
          const own = samples.filter((sample) => sample.series === series);
          const shown = [...own, ...repeated.filter((sample) => sample.series === series)];
          const valueAt = (ms: number) => own.findLast(({ timeMs }) => timeMs <= ms)?.value ?? 0;
          const inside = shown.filter(({ timeMs }) => timeMs >= begin && timeMs <= end).map(({ value }) => value);
          const exact = inside.length === 0 ? 0 : Math.max(...inside) - Math.min(...inside);
          expect(exact).toBe(valueAt(end) - valueAt(begin));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('one batch or many, in any order: totals come out the same, but for what is still owed', () => {
    fc.assert(
      fc.property(batches, (all) => {
        const one = play([all.flat()]);
        const reversed = play([all.flat().reverse()]);
        const many = play(all);
        for (const metric of ['ccmeter_tokens_total', 'ccmeter_requests_total'] as const) {
          expect(reversed.book.total(metric)).toBe(one.book.total(metric));
          const owed = [...many.book.all()].filter((series) => series.metric === metric).reduce((sum, { debt }) => sum + debt, 0);
          expect(many.book.total(metric) - owed).toBe(one.book.total(metric));
        }
      }),
      { numRuns: 300 },
    );
  });
});
