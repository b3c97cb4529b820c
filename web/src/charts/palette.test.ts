import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HUES, SLOTS } from './colours.ts';

const css = readFileSync(new URL('../styles/tokens.css', import.meta.url), 'utf8');
type Triple = [number, number, number];

/** The value of a custom property in one theme. */
function token(name: string, theme: 'light' | 'dark'): string {
  const value = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css)?.[theme === 'light' ? 1 : 2];
  if (value === undefined) throw new Error(`tokens.css has no --${name}`);
  return value;
}

function linear(colour: string): Triple {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [red, green, blue] = linear(colour);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((first, second) => first - second);
  return (high + 0.05) / (low + 0.05);
}

/** Full dichromacy, Machado, Oliveira and Fernandes 2009. */
const sights: Record<string, Triple[]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const dot = (row: Triple, [red, green, blue]: Triple) => row[0] * red + row[1] * green + row[2] * blue;

/** Oklab, in which distances are about those that are seen. */
function seen(colour: string, sight: Triple[]): Triple {
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  const [red = 0, green = 0, blue = 0] = sight.map((row) => clamp(dot(row, linear(colour))));
  const cone = (row: Triple) => Math.cbrt(dot(row, [red, green, blue]));
  const cones: Triple = [
    cone([0.4122214708, 0.5363325363, 0.0514459929]),
    cone([0.2119034982, 0.6806995451, 0.1073969566]),
    cone([0.0883024619, 0.2817188376, 0.6299787005]),
  ];
  return [
    dot([0.2104542553, 0.793617785, -0.0040720468], cones),
    dot([1.9779984951, -2.428592205, 0.4505937099], cones),
    dot([0.0259040371, 0.7827717662, -0.808675766], cones),
  ];
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  const hues = Array.from({ length: HUES }, (_, slot) => token(`slot-${slot}`, theme));

  test.each(Object.keys(sights))('series colours stay apart in %s sight', (name) => {
    const places = hues.map((colour) => seen(colour, sights[name] ?? []));
    for (const [index, one] of places.entries())
      for (const other of places.slice(index + 1)) {
        expect(Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2])).toBeGreaterThan(0.08);
      }
  });

  test('series colours stand out from the surface', () => {
    for (const colour of hues) expect(contrast(colour, token('surface', theme))).toBeGreaterThanOrEqual(3);
  });

  test.each([
    ['text', 'ground'],
    ['text-muted', 'ground'],
    ['text-muted', 'surface'],
    ['text-muted', 'sunken'],
    ['text-faint', 'surface'],
    ['accent', 'surface'],
    ['accent-text', 'accent'],
    ['working', 'ground'],
    ['waiting', 'ground'],
    ['danger', 'surface'],
    ['text', 'warning-soft'],
  ])('%s is readable on %s (WCAG AA)', (text, ground) => {
    expect(contrast(token(text, theme), token(ground, theme))).toBeGreaterThanOrEqual(4.5);
  });
});

test('every slot has a colour and a class', () => {
  const charts = readFileSync(new URL('../styles/charts.css', import.meta.url), 'utf8');
  for (let slot = 0; slot <= SLOTS; slot++) {
    expect(css).toContain(`--slot-${slot}:`);
    expect(charts).toContain(`.slot-${slot} {`);
  }
});
