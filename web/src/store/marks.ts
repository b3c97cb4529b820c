import type { Api } from '../api/client.ts';
import type { Stack } from '../charts/options/stack.ts';
import { modelLabel } from '../format/model.ts';
import { formatWords } from '../format/number.ts';
import { marks as texts } from '../texts/marks.ts';
import { type Asker, createAsker, type Scope, times } from './ask.ts';
import type { MarkKind } from './mark-kinds.ts';
import { isOfFamily, type Price, prices } from './price-book.ts';

/** Something that happened at a time, or in the bar that begins then. */
export interface Mark {
  seconds: number;
  kind: MarkKind;
  text: string;
}

export interface MarksQuestion extends Scope {
  kinds: readonly MarkKind[];
}

/** Marks are of bars, so there are never more than bars and kinds; this is for those that are not. */
const MOST_MARKS = 300;

/** Asks for what happened in a range. Kinds that are not wanted are not asked for. */
export async function loadMarks(api: Api, question: MarksQuestion, nowMs: number, signal?: AbortSignal): Promise<Mark[]> {
  if (question.kinds.length === 0) return [];
  const asker = await createAsker(api, question, nowMs, signal);
  const found = await Promise.all(question.kinds.map((kind) => finders[kind](asker)));
  return found
    .flat()
    .sort((one, other) => one.seconds - other.seconds)
    .slice(-MOST_MARKS);
}

const finders: Record<MarkKind, (asker: Asker) => Promise<Mark[]>> = {
  model: async (asker) =>
    modelMarks(await asker.stack('requests', 'model', {}, Number.POSITIVE_INFINITY), await knownBefore(asker, 'requests', 'model')),
  price: async ({ frame }) => priceMarks(prices, frame.options.model, frame.range.start, frame.range.end),
  version: async (asker) => versionMarks(await asker.seen('versions', 'version'), await knownBefore(asker, 'versions', 'version')),
  compaction: async (asker) => countMarks(await asker.stack('compactions', 'project'), 'compaction'),
  commit: async (asker) => countMarks(await asker.stack('commits', 'project'), 'commit'),
  pull_request: async (asker) => countMarks(await asker.stack('pull_requests', 'project'), 'pull_request'),
};

/** The values of a label before the range; null where history does not reach further back, so that nothing can be said to be new. */
async function knownBefore({ answer, frame }: Asker, question: 'requests' | 'versions', by: string): Promise<Set<string> | null> {
  const { first, range } = frame;
  if (first === null || first >= range.start) return null;
  const { series } = await answer(question, { ...times({ start: first, end: range.start }), by });
  return new Set(series.map((one) => one.labels[by] ?? ''));
}

/** Bars of one model for so long make it the one that one works with. */
const LASTING_BARS = 3;

/** The first use of each model that is new, and where one model took the place of another as the one that is used most. */
export function modelMarks(requests: Stack, before: ReadonlySet<string> | null): Mark[] {
  const firsts = firstBars(requests, before).map(({ key, seconds }) => ({
    seconds,
    kind: 'model' as const,
    text: texts.firstModel(modelLabel(key)),
  }));
  return [...firsts, ...switches(requests)];
}

function switches(requests: Stack): Mark[] {
  const most = requests.buckets.flatMap(({ start }, index) => {
    const top = requests.layers.reduce<{ key: string; value: number }>(
      (best, layer) => ((layer.values[index] ?? 0) > best.value ? { key: layer.key, value: layer.values[index] ?? 0 } : best),
      { key: '', value: 0 },
    );
    return top.key === '' ? [] : [{ start, key: top.key }];
  });
  const found: Mark[] = [];
  let current = most[0]?.key;
  for (const [index, bar] of most.entries()) {
    const lasts = most.slice(index, index + LASTING_BARS).every((next) => next.key === bar.key);
    if (bar.key === current || !lasts || index + LASTING_BARS > most.length || current === undefined) continue;
    found.push({ seconds: bar.start, kind: 'model', text: texts.mostlyModel(modelLabel(bar.key), modelLabel(current)) });
    current = bar.key;
  }
  return found;
}

/** The bars in which a value came up for the first time. The first bar of all has no before, unless history says so. */
function firstBars(stack: Stack, before: ReadonlySet<string> | null): { key: string; seconds: number }[] {
  return stack.layers.flatMap((layer) => {
    const index = layer.values.findIndex((value) => value > 0);
    const bucket = stack.buckets[index];
    if (!bucket || layer.key === '' || before?.has(layer.key) || (before === null && isFirst(stack, index))) return [];
    return [{ key: layer.key, seconds: bucket.start }];
  });
}

/** Nothing was before this bar. */
function isFirst(stack: Stack, index: number): boolean {
  return stack.layers.every((layer) => layer.values.slice(0, index).every((value) => !(value > 0)));
}

/** Versions of Claude Code that were new: the sessions of a day are known, so nothing is said of the time before ccmeter ran. */
export function versionMarks(versions: Stack, before: ReadonlySet<string> | null): Mark[] {
  return firstBars(versions, before?.size ? before : null).map(({ key, seconds }) => ({
    seconds,
    kind: 'version',
    text: texts.version(key),
  }));
}

/** New prices of models that are used. */
export function priceMarks(table: readonly Price[], models: readonly string[], start: number, end: number): Mark[] {
  return table.flatMap(({ from, families }) => {
    const seconds = from === undefined ? Number.NaN : Date.parse(from) / 1000;
    const used = families.filter((family) => models.some((model) => isOfFamily(model, family)));
    if (!(seconds >= start && seconds < end) || used.length === 0) return [];
    return [{ seconds, kind: 'price' as const, text: texts.price(used.map((family) => modelLabel(`claude-${family}`)).join(', ')) }];
  });
}

const NAMED = 3;

/** How many of something each bar has, and of which projects. */
export function countMarks(stack: Stack, kind: 'compaction' | 'commit' | 'pull_request'): Mark[] {
  return stack.buckets.flatMap(({ start }, index) => {
    const parts = stack.layers.flatMap((layer) => {
      const count = layer.values[index] ?? 0;
      return count > 0 ? [{ name: layer.label, count }] : [];
    });
    const all = parts.reduce((sum, part) => sum + part.count, 0);
    if (all === 0) return [];
    const named = parts.sort((one, other) => other.count - one.count).slice(0, NAMED);
    const names = named.map((part) => (parts.length > 1 ? `${part.name} ${part.count}` : part.name));
    return [
      { seconds: start, kind, text: `${formatWords(all, texts.words[kind])}: ${names.join(', ')}${parts.length > NAMED ? ', …' : ''}` },
    ];
  });
}
