import { createEffect, createSignal, For, on, Show } from 'solid-js';
import type { PrometheusFacts } from '../../api/client.ts';
import { formatBytes, formatCount } from '../../format/number.ts';
import { formatMoment } from '../../format/time.ts';
import { samplesPerSecond } from '../../store/health.ts';
import { health as texts } from '../../texts/health.ts';
import { TablePanel } from '../../ui/DataTable.tsx';
import { Panel } from '../../ui/Panel.tsx';

/** What Prometheus says of itself: how large it is, how much it takes in, whether its configuration is good. */
export function PrometheusPanel(props: { facts: PrometheusFacts | null; askedAtMs: number }) {
  const [rate, setRate] = createSignal<number | null>(null);
  const look = () => ({ appended: props.facts?.head.appendedSamples ?? null, atMs: props.askedAtMs });
  createEffect(
    on(look, (now, before) => {
      const next = samplesPerSecond(before ?? null, now);
      if (next !== null) setRate(next);
    }),
  );
  const at = (time: string) => formatMoment(Date.parse(time) / 1000);
  const told = (value: number | null, write: (value: number) => string) => (value === null ? texts.notTold : write(value));
  const reload = ({ ok, at: time }: PrometheusFacts['reload']) =>
    ok === false ? texts.reloadFailed : time ? texts.reloadOk(at(time)) : texts.notTold;
  const rows = (facts: PrometheusFacts): [string, string][] => [
    [texts.facts.version, facts.version ?? texts.notTold],
    [texts.facts.since, facts.startedAt ? at(facts.startedAt) : texts.notTold],
    [texts.facts.retention, facts.retention ?? texts.notTold],
    [texts.facts.series, told(facts.head.series, formatCount)],
    [
      texts.facts.samples,
      facts.head.appendedSamples === null
        ? texts.notTold
        : rate() === null
          ? texts.samplesWait
          : formatCount(Math.round((rate() ?? 0) * 10) / 10),
    ],
    [texts.facts.storage, told(facts.storageBytes, formatBytes)],
    [texts.facts.memory, told(facts.memoryBytes, formatBytes)],
    [texts.facts.reload, reload(facts.reload)],
    [texts.facts.corruptions, told(facts.corruptions, formatCount)],
  ];
  return (
    <>
      <Panel title={texts.prometheusTitle} class="panel-half">
        <Show when={props.facts} fallback={<p class="panel-nothing quiet">{texts.factsNone}</p>}>
          {(facts) => (
            <dl class="facts">
              <For each={rows(facts())}>
                {([name, value]) => (
                  <div>
                    <dt>{name}</dt>
                    <dd classList={{ failed: value === texts.reloadFailed }}>
                      <strong>{value}</strong>
                    </dd>
                  </div>
                )}
              </For>
            </dl>
          )}
        </Show>
      </Panel>
      <TablePanel
        title={texts.largest}
        class="panel-half"
        label={texts.metric}
        rows={props.facts?.largest ?? []}
        columns={[{ key: 'series', name: texts.seriesColumn, value: (row) => row.series, cell: (row) => formatCount(row.series) }]}
        main="series"
        keyOf={(row) => row.name}
        name={(row) => (
          <code class="series-name" title={row.name}>
            {row.name}
          </code>
        )}
        nothing={texts.notTold}
      />
    </>
  );
}
