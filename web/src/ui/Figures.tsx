import { Show } from 'solid-js';
import { formatCompact, formatCount, formatUsd, formatUsdExact } from '../format/number.ts';
import { common } from '../texts/common.ts';

function told(text: string, atLeast: boolean | undefined): string {
  return atLeast ? common.orMore(text) : text;
}

/** The sign of a lower bound. */
function AtLeast() {
  return <span class="at-least">≥ </span>;
}

/** Tokens in short, to the last one on hover. `atLeast`: some final counts are not known. */
export function Tokens(props: { value: number; atLeast?: boolean }) {
  return (
    <span data-value={props.value} title={told(common.tokens(formatCount(props.value)), props.atLeast)}>
      <Show when={props.atLeast}>
        <AtLeast />
      </Show>
      {formatCompact(props.value)}
    </span>
  );
}

/** A count in full. */
export function Count(props: { value: number }) {
  return <span data-value={props.value}>{formatCount(props.value)}</span>;
}

/** US dollars, to the millionth on hover. `atLeast`: some tokens have no known price, or some final counts are not known. */
export function Usd(props: { value: number; atLeast?: boolean }) {
  return (
    <span data-value={props.value} title={told(formatUsdExact(props.value), props.atLeast)}>
      <Show when={props.atLeast}>
        <AtLeast />
      </Show>
      {formatUsd(props.value)}
    </span>
  );
}
