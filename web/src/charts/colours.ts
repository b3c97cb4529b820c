import { hashOf } from '../format/hash.ts';
import { modelFamily, modelLabel } from '../format/model.ts';

/**
 * Series colours are slots of the palette in styles/tokens.css: eight hues that stay apart for colour-blind eyes, each in two
 * strengths, and one grey for what is summed up or left over.
 */
export const HUES = 8;
export const SLOTS = 2 * HUES;
export const REST_SLOT = 2 * HUES;

const familySlots: Record<string, number> = { opus: 0, sonnet: 1, haiku: 2 };
/** The order in which all other models take what is left: strong hues, the most vivid first, then the pale ones. */
const strongOrder = [3, 4, 6, 7, 5, 0, 1, 2];
const takeOrder = [...strongOrder, ...strongOrder.map((slot) => slot + HUES)];

const names = new Intl.Collator('en', { numeric: true });

/**
 * Gives each model its slot. It depends on the set of models alone, not on how much they were used, so a model has the same colour
 * on every chart and in every range. The newest of each Claude family has the colour of the family; the others follow, newest first.
 */
export function modelSlots(models: Iterable<string>): ReadonlyMap<string, number> {
  const newestFirst = [...new Set(models)].sort(
    (one, other) => names.compare(modelLabel(other), modelLabel(one)) || (one < other ? -1 : 1),
  );
  const slots = new Map<string, number>();
  const taken = new Set<number>();
  const give = (model: string, slot: number) => {
    slots.set(model, slot);
    taken.add(slot);
  };
  for (const model of newestFirst) {
    const slot = familySlots[modelFamily(model) ?? ''];
    if (slot !== undefined && !taken.has(slot)) give(model, slot);
  }
  const others = newestFirst.filter((model) => !slots.has(model));
  // When all colours are taken they are used twice.
  for (const [index, model] of others.entries()) give(model, takeOrder.find((slot) => !taken.has(slot)) ?? index % SLOTS);
  return slots;
}

/** Colours of names, by the label that they are values of. A label that is not here takes colours by rank or from its closed list. */
export type Slots = Readonly<Partial<Record<'model' | 'project', ReadonlyMap<string, number>>>>;

/**
 * Gives each name its slot. It depends on the set of names alone, so a project has the same colour on every chart and in every range:
 * the one that its name points to, or the next one that is free, strong hues before pale ones.
 */
export function nameSlots(names: Iterable<string>): ReadonlyMap<string, number> {
  const slots = new Map<string, number>();
  const sorted = [...new Set(names)].sort();
  for (let first = 0; first < sorted.length; first += HUES) {
    const strength = first % SLOTS;
    const free = new Set(Array.from({ length: HUES }, (_, hue) => hue));
    for (const name of sorted.slice(first, first + HUES)) {
      const wanted = hashOf(name) % HUES;
      const hue = Array.from({ length: HUES }, (_, step) => (wanted + step) % HUES).find((one) => free.has(one)) ?? wanted;
      free.delete(hue);
      slots.set(name, strength + hue);
    }
  }
  return slots;
}

/** Slots of closed labels. Cache reads are most of all tokens, so they get the quietest hue that is left. */
const closedSlots: Record<string, Record<string, number>> = {
  kind: { input: 0, output: 1, cache_read: 2, cache_write_5m: 3, cache_write_1h: 4 },
  agent: { main: 0, subagent: 1 },
  result: { ok: 2, error: 3, rejected: 1, blocked: 6 },
  change: { added: 2, removed: 3, modified: 4 },
  role: { user: 1, assistant: 0 },
};

/** The slot of one series: by its name, by its place in a closed list, else by its rank. */
export function slotOf(label: string, value: string, rank: number, slots: Slots): number {
  if (label === 'model' || label === 'project') return slots[label]?.get(value) ?? REST_SLOT;
  return closedSlots[label]?.[value] ?? rank % SLOTS;
}
