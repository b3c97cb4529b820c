import { useQuery } from '@tanstack/solid-query';
import { For, Match, Switch } from 'solid-js';
import type { Sources as SourcesAnswer } from '../../api/client.ts';
import { formatChange, formatCompact, formatCount, formatUsd } from '../../format/number.ts';
import { formatDuration, formatSpan } from '../../format/time.ts';
import { useServices } from '../../store/services.ts';
import { settings as texts } from '../../texts/settings.ts';
import { Panel } from '../../ui/Panel.tsx';

const EVERY_MS = 60_000;

/** Which sources the numbers come from, and where the two disagree. */
export function Sources() {
  const { api } = useServices();
  const query = useQuery(() => ({
    queryKey: ['sources'],
    queryFn: ({ signal }) => api.sources(signal),
    refetchInterval: EVERY_MS,
  }));
  const known = () => (query.isPending ? undefined : query.data);
  return (
    <Panel
      title={texts.sources}
      figure={known() && <span class="quiet">{texts.sourcesFigure(formatSpan(known()?.start ?? 0, known()?.end ?? 0))}</span>}
    >
      <Switch fallback={<p class="quiet">{texts.sourcesAsking}</p>}>
        <Match when={known()}>{(sources) => <Compared sources={sources()} />}</Match>
        <Match when={query.isError}>
          <p class="quiet">
            {texts.sourcesFailed} {query.error?.message}
          </p>
        </Match>
      </Switch>
    </Panel>
  );
}

function Compared(props: { sources: SourcesAnswer }) {
  const rows = () => props.sources.numbers.filter((row) => row.own !== null || row.native !== null);
  const hasNative = () => rows().some((row) => row.native !== null);
  return (
    <>
      <p class="setting-note">{rows().length === 0 ? texts.none : hasNative() ? texts.both : texts.onlyOwn}</p>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{texts.number}</th>
            <th scope="col" title={texts.ownHelp}>
              {texts.own}
            </th>
            <th scope="col" title={texts.nativeHelp}>
              {texts.native}
            </th>
            <th scope="col">{texts.difference}</th>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {(row) => (
              <tr>
                <th scope="row">{texts.numbers[row.name]}</th>
                <td title={formatCount(row.own ?? 0)}>{write(row.name, row.own)}</td>
                <td title={formatCount(row.native ?? 0)}>{write(row.name, row.native)}</td>
                <td class="quiet">{row.own === null || row.native === null ? '–' : formatChange(row.native, row.own)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </>
  );
}

function write(name: string, value: number | null): string {
  if (value === null) return '–';
  if (name === 'cost') return formatUsd(value);
  if (name === 'tokens') return formatCompact(value);
  return name === 'active_seconds' ? formatDuration(value) : formatCount(Math.round(value));
}
