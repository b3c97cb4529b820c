import { For, Show } from 'solid-js';
import { modelLabel } from '../../format/model.ts';
import { formatCompact, formatCount, formatShare, formatWords } from '../../format/number.ts';
import type { Overview } from '../../store/overview.ts';
import { honesty as texts } from '../../texts/overview.ts';
import { Notice } from '../../ui/Message.tsx';

/** Models named one by one before the rest is counted. */
const MAX_NAMED = 6;

/** What the totals do not hold: tokens without a price, responses without a final count. Said where the totals are. */
export function Honesty(props: { overview: Overview }) {
  const unpricedTokens = () => props.overview.unpriced.reduce((sum, row) => sum + row.tokens, 0);
  const unfinished = () => props.overview.unfinished.reduce((sum, row) => sum + row.requests, 0);
  return (
    <Show when={unpricedTokens() > 0 || unfinished() > 0}>
      <Notice tone="info">
        <Show when={unpricedTokens() > 0}>
          <p>
            <strong>{texts.noPrice}</strong>
            {texts.noPriceFor}
            <span title={texts.tokens(formatCount(unpricedTokens()))}>{texts.tokens(formatCompact(unpricedTokens()))}</span>
            {texts.missing(everywhere(props.overview.unnarrowed.unpriced))}
            <For each={props.overview.unpriced.slice(0, MAX_NAMED)}>
              {(row, index) => (
                <span title={`${row.model}: ${texts.tokens(formatCount(row.tokens))}`}>
                  {index() > 0 ? ', ' : ''}
                  {modelLabel(row.model)} {formatCompact(row.tokens)}
                </span>
              )}
            </For>
            <Show when={props.overview.unpriced.length > MAX_NAMED}>
              {texts.more(formatCount(props.overview.unpriced.length - MAX_NAMED))}
            </Show>
            .
          </p>
        </Show>
        <Show when={unfinished() > 0}>
          <p>
            <strong>{texts.lowerBound}</strong>
            {texts.unfinished(
              formatWords(unfinished(), texts.response),
              share(unfinished(), props.overview.totals.requests),
              everywhere(props.overview.unnarrowed.unfinished),
            )}
          </p>
        </Show>
      </Notice>
    </Show>
  );
}

function share(part: number, whole: number): string {
  return whole >= part && whole > 0 ? ` (${formatShare(part / whole)})` : '';
}

/** Some filters cannot narrow this question; the number is then of more than what is shown. */
function everywhere(names: readonly string[]): string {
  return names.length === 0 ? '' : texts.everywhere(names.join(' and '));
}
