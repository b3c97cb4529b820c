import { For, Show } from 'solid-js';
import { labelText } from '../format/labels.ts';
import { formatShare } from '../format/number.ts';
import { formatDuration, formatMoment } from '../format/time.ts';
import type { QuotaWindow } from '../store/quota.ts';
import { createClock, useServices } from '../store/services.ts';
import { quota as texts } from '../texts/quota.ts';
import { ProgressBar } from './ProgressBar.tsx';

/** How much of each window of the subscription is used; nothing where that is not known. */
export function Quota(props: { windows: readonly QuotaWindow[] }) {
  const { now } = useServices();
  const time = createClock(now, 30_000);
  const hosts = () => new Set(props.windows.map(({ host }) => host)).size;
  return (
    <Show when={props.windows.length > 0}>
      <section class="glance" aria-label={texts.label} title={texts.about}>
        <For each={props.windows}>
          {(one) => (
            <div class="glance-cell">
              <span class="glance-name">{nameOf(one, hosts() > 1)}</span>
              <span class={`glance-value ${toneOf(one)}`}>{texts.used(formatShare(one.usedRatio))}</span>
              <ProgressBar part={Math.min(1, one.usedRatio)} full={one.usedRatio >= 1} />
              <span class="glance-sub" title={formatMoment(one.resetMs / 1000)}>
                {whenOf(one, time())}
              </span>
            </div>
          )}
        </For>
      </section>
    </Show>
  );
}

function nameOf({ window, host }: QuotaWindow, many: boolean): string {
  const name = texts.windows[window] ?? window;
  return many ? texts.nameOn(name, labelText('host', host)) : texts.name(name);
}

/** When it begins anew, and what will be used by then. */
function whenOf(one: QuotaWindow, nowMs: number): string {
  const anew = anewIn(one, nowMs);
  return one.pace === null ? anew : `${anew}, ${texts.pace(formatShare(one.pace))}`;
}

export function anewIn({ resetMs }: QuotaWindow, nowMs: number): string {
  return texts.anew(formatDuration(Math.max(0, resetMs - nowMs) / 1000));
}

/** Nearly used up is worth a look. */
export function toneOf({ usedRatio }: QuotaWindow): string {
  return usedRatio >= 0.95 ? 'is-failure' : usedRatio >= 0.8 ? 'is-warning' : '';
}
