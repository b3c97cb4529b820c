import { createResource, For, Show } from 'solid-js';
import { queryText } from '../format/labels.ts';
import { preferences } from '../format/preferences.ts';
import { grafanaLink } from '../store/grafana.ts';
import { common } from '../texts/common.ts';
import { CopyIcon } from './icons.tsx';

/** The PromQL behind numbers, ways to go on with it, and what its metrics count. */
export function Queries(props: { queries: readonly string[] }) {
  // The catalogue is large, and wanted by few.
  const [definitions] = createResource(
    () => props.queries,
    async (queries) => (await import('../store/definitions.ts')).definitionsOf(queries),
  );
  return (
    <div class="queries">
      <For each={props.queries}>{(query) => <Query query={query} />}</For>
      <For each={definitions()}>
        {(one) => (
          <div class="definition">
            <p class="definition-name">{one.name}</p>
            <p>{one.help}</p>
            <dl>
              <For each={one.facts}>
                {([name, text]) => (
                  <div>
                    <dt>{name}</dt>
                    <dd>{text}</dd>
                  </div>
                )}
              </For>
            </dl>
          </div>
        )}
      </For>
    </div>
  );
}

function Query(props: { query: string }) {
  return (
    <div class="query">
      <code>{queryText(props.query)}</code>
      <div class="query-actions">
        <button type="button" class="button" onClick={() => navigator.clipboard?.writeText(props.query)}>
          <CopyIcon />
          {common.copy}
        </button>
        {/* There the names would stand in the link and in the editor. */}
        <Show when={queryText(props.query) === props.query}>
          <a class="button" href={`/promql?expr=${encodeURIComponent(props.query)}`}>
            {common.openInPromql}
          </a>
        </Show>
        <Show when={grafanaLink(preferences().grafana, props.query)}>
          {(link) => (
            <a class="button" href={link()} target="_blank" rel="noreferrer">
              {common.openInGrafana}
            </a>
          )}
        </Show>
      </div>
    </div>
  );
}
