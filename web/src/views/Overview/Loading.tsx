import { For } from 'solid-js';

/** The shape of the view before its numbers are there. */
export function Loading() {
  return (
    <div class="numbers" aria-busy="true">
      <p class="period" role="status">
        Loading numbers
      </p>
      <div class="totals" aria-hidden="true">
        <For each={[1, 2, 3, 4, 5]}>
          {() => (
            <div class="total">
              <span class="skeleton skeleton-label" />
              <span class="skeleton skeleton-figure" />
              <span class="skeleton skeleton-label" />
            </div>
          )}
        </For>
      </div>
      <div class="grid" aria-hidden="true">
        <For each={['panel-half', 'panel-half', 'panel-wide', 'panel-side']}>
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
