import type { Format } from '../../format/units.ts';
import { SHARE } from '../../format/units.ts';
import type { Stack } from './stack.ts';

/** How the same stack can be drawn: each bar by itself, added up since the beginning, or as parts of each bar. */
export const FORMS = ['each', 'sum', 'share'] as const;
export type Form = (typeof FORMS)[number];

/** A stack in a form, and how its numbers are written then. */
export function inForm(stack: Stack, format: Format, form: Form): { stack: Stack; format: Format } {
  if (form === 'sum') return { stack: accumulate(stack), format };
  if (form === 'share') return { stack: shares(stack), format: SHARE };
  return { stack, format };
}

/** The same stack, each bar with all before it added. */
export function accumulate(stack: Stack): Stack {
  const layers = stack.layers.map((layer) => {
    let sumSoFar = 0;
    return {
      ...layer,
      values: layer.values.map((value) => {
        sumSoFar += value;
        return sumSoFar;
      }),
    };
  });
  return { ...stack, layers };
}

/** The same stack, each bar with its parts as parts of one. */
export function shares(stack: Stack): Stack {
  const sums = stack.buckets.map((_, index) => stack.layers.reduce((sum, layer) => sum + (layer.values[index] ?? 0), 0));
  const layers = stack.layers.map((layer) => ({
    ...layer,
    values: layer.values.map((value, index) => (sums[index] ? value / (sums[index] ?? 1) : 0)),
    total: stack.total === 0 ? 0 : layer.total / stack.total,
  }));
  return { ...stack, layers, total: 1 };
}

/** The sum of all layers, bar by bar: the course of the whole. */
export function courseOf(stack: Stack): number[] {
  return stack.buckets.map((_, index) => stack.layers.reduce((sum, layer) => sum + (layer.values[index] ?? 0), 0));
}
