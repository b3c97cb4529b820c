import { Show } from 'solid-js';

const WIDTH = 100;
const HEIGHT = 28;
/** So that the line is not cut off at the edges. */
const EDGE = 2;

/** The course of a number in the space of a word; the chart that it is taken from tells the values. */
export function Sparkline(props: { values: readonly number[] }) {
  const points = () => pointsOf(props.values);
  return (
    <Show when={points().length > 1}>
      <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="sparkline-area" d={`M${points().join('L')}V${HEIGHT}H${points()[0]?.split(' ')[0]}Z`} />
        <path class="sparkline-line" d={`M${points().join('L')}`} vector-effect="non-scaling-stroke" />
      </svg>
    </Show>
  );
}

/** Places of the values, from the left to the right edge, 0 at the bottom. What is not known is left out. */
function pointsOf(values: readonly number[]): string[] {
  const known = values.filter((value) => !Number.isNaN(value));
  const most = Math.max(0, ...known);
  if (most === 0) return [];
  const step = WIDTH / Math.max(1, values.length - 1);
  return values.flatMap((value, index) =>
    Number.isNaN(value) ? [] : [`${round(index * step)} ${round(HEIGHT - EDGE - (value / most) * (HEIGHT - 2 * EDGE))}`],
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
