import { Popover } from '@kobalte/core/popover';
import { Index, type JSX, Show } from 'solid-js';
import { formatChange, formatPoints } from '../format/number.ts';
import { common, menu } from '../texts/common.ts';
import { DownIcon, UpIcon } from './icons.tsx';
import { Queries } from './Queries.tsx';
import { Sparkline } from './Sparkline.tsx';

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
  /** What the number is, where its name does not say it all. */
  about?: string;
  /** The PromQL behind it. */
  queries?: readonly string[];
  /** Its course over the range. */
  course?: readonly number[];
}

/** The figures of a range in a row, each with its change, its course and where it comes from. */
export function Totals(props: { figures: readonly TotalFigure[] }) {
  return (
    <dl class={`totals totals-${props.figures.length}`}>
      <Index each={props.figures}>{(figure) => <Total {...figure()} />}</Index>
    </dl>
  );
}

/** The change of a number; none where there is nothing to compare with. */
export function changeOf(now: number, before: number | null | undefined, format: (value: number) => string): Change | null {
  if (before === null || before === undefined) return null;
  return { text: formatChange(now, before), direction: directionOf(now - before), title: common.inTheTimeBefore(format(before)) };
}

/** The change of a share, in points. */
export function pointsOf(now: number | null, before: number | null | undefined, format: (value: number) => string): Change | null {
  if (now === null || before === null || before === undefined) return null;
  return { text: formatPoints(now, before), direction: directionOf(now - before), title: common.inTheTimeBefore(format(before)) };
}

function directionOf(difference: number): Change['direction'] {
  return difference === 0 ? 'none' : difference > 0 ? 'up' : 'down';
}

function Total(props: TotalFigure) {
  return (
    <div class="total">
      <dt>
        <Show when={props.about || props.queries?.length} fallback={props.name}>
          <Provenance {...props} />
        </Show>
      </dt>
      <dd class="total-value" title={props.exact} data-value={props.number ?? undefined}>
        <Show when={props.lowerBound}>
          <span class="at-least" title={common.lowerBound}>
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
      <Show when={props.course}>
        {(course) => (
          <dd class="total-course">
            <Sparkline values={course()} />
          </dd>
        )}
      </Show>
    </div>
  );
}

/** Where a number comes from: exact, in words, and as a query. */
function Provenance(props: TotalFigure) {
  const queries = () => [...new Set(props.queries ?? [])].filter((query) => query !== '');
  return (
    <Popover gutter={4} placement="bottom-start">
      <Popover.Trigger class="total-name" title={menu.definition(props.name)}>
        {props.name}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content class="popover provenance" aria-label={menu.definition(props.name)}>
          <p class="provenance-exact">{props.exact}</p>
          <Show when={props.about}>
            <p>{props.about}</p>
          </Show>
          <Show when={props.change}>{(change) => <p class="quiet">{change().title}</p>}</Show>
          <Show when={queries().length > 0}>
            <Queries queries={queries()} />
          </Show>
        </Popover.Content>
      </Popover.Portal>
    </Popover>
  );
}
