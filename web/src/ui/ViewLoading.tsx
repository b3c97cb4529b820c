import { For, Show } from 'solid-js';
import { common } from '../texts/common.ts';

/** The shape of a view before its numbers are known. */
export function ViewLoading(props: { totals?: number; panels?: readonly string[] }) {
  return (
    <div class="numbers" aria-busy="true">
      <p class="visually-hidden" role="status">
        {common.askingNumbers}
      </p>
      <Show when={(props.totals ?? 4) > 0}>
        <div class={`totals totals-${props.totals ?? 4}`}>
          <For each={Array.from({ length: props.totals ?? 4 })}>
            {() => (
              <div class="total">
                <span class="skeleton skeleton-label" />
                <span class="skeleton skeleton-figure" />
                <span class="skeleton skeleton-label" />
              </div>
            )}
          </For>
        </div>
      </Show>
      <div class="grid">
        <For each={props.panels ?? ['panel-half', 'panel-half', 'panel-wide', 'panel-side']}>
          {(size) => (
            <div class={`panel ${size}`}>
              <span class="skeleton skeleton-label" />
              <div class="skeleton skeleton-chart" />
            </div>
          )}
        </For>
      </div>
    </div>
  );
}
