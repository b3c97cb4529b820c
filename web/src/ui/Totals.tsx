import { Index, type JSX, Show } from 'solid-js';
import { formatChange, formatPoints } from '../format/number.ts';
import { DownIcon, UpIcon } from './icons.tsx';

/** How a figure changed against the range before. */
export interface Change {
  text: string;
  direction: 'up' | 'down' | 'none';
  title: string;
}

export interface TotalFigure {
  name: string;
  /** The number itself, for tests and scripts. */
  number: number | null;
  value: string;
  exact: string;
  sub: JSX.Element;
  change?: Change | null;
  lowerBound?: boolean;
}

/** The figures of a range in a row, each with its change. */
export function Totals(props: { figures: readonly TotalFigure[] }) {
  return (
    <dl
      class="totals"
      classList={{ 'totals-4': props.figures.length === 4, 'totals-3': props.figures.length === 3, 'totals-6': props.figures.length === 6 }}
    >
      <Index each={props.figures}>{(figure) => <Total {...figure()} />}</Index>
    </dl>
  );
}

/** The change of a number; none where there is nothing to compare with. */
export function changeOf(now: number, before: number | null | undefined, format: (value: number) => string): Change | null {
  if (before === null || before === undefined) return null;
  return { text: formatChange(now, before), direction: directionOf(now - before), title: `${format(before)} in the time before` };
}

/** The change of a share, in points. */
export function pointsOf(now: number | null, before: number | null | undefined, format: (value: number) => string): Change | null {
  if (now === null || before === null || before === undefined) return null;
  return { text: formatPoints(now, before), direction: directionOf(now - before), title: `${format(before)} in the time before` };
}

function directionOf(difference: number): Change['direction'] {
  return difference === 0 ? 'none' : difference > 0 ? 'up' : 'down';
}

function Total(props: TotalFigure) {
  return (
    <div class="total">
      <dt>{props.name}</dt>
      <dd class="total-value" title={props.exact} data-value={props.number ?? undefined}>
        <Show when={props.lowerBound}>
          <span class="at-least" title="Lower bound: see below">
            ≥{' '}
          </span>
        </Show>
        {props.value}
      </dd>
      <dd class="total-sub">
        <Show when={props.change}>
          {(change) => (
            <span class={`change change-${change().direction}`} title={change().title}>
              {change().direction === 'up' ? <UpIcon /> : change().direction === 'down' ? <DownIcon /> : null}
              {change().text}
            </span>
          )}
        </Show>
        <span>{props.sub}</span>
      </dd>
    </div>
  );
}
