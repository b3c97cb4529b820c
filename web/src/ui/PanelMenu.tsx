import { Popover } from '@kobalte/core/popover';
import { createSignal, For, Show } from 'solid-js';
import { CopyIcon, DotsIcon } from './icons.tsx';

/** What can be done with what a panel shows. */
export interface PanelActions {
  title: string;
  /** The PromQL behind it. */
  queries?: readonly string[];
  onCsv?(): void;
  onPng?(): void;
  /** Shows the numbers as a table, or the picture again. */
  table?: { shown: boolean; toggle(): void };
}

/** The menu in the corner of a panel. */
export function PanelMenu(props: PanelActions) {
  const [open, setOpen] = createSignal(false);
  const [asked, setAsked] = createSignal(false);
  const act = (what?: () => void) => () => {
    setOpen(false);
    what?.();
  };
  const queries = () => (props.queries ?? []).filter((query) => query !== '');
  return (
    <Popover
      open={open()}
      onOpenChange={(next) => {
        setOpen(next);
        setAsked(false);
      }}
      gutter={4}
      placement="bottom-end"
    >
      <Popover.Trigger class="button button-icon panel-dots" aria-label={`${props.title}: more`} title="Table, files, query">
        <DotsIcon />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content class="popover panel-menu" classList={{ 'is-wide': asked() }} aria-label={props.title}>
          <Show when={asked()} fallback={<Items {...props} queries={queries()} act={act} onAsk={() => setAsked(true)} />}>
            <Queries queries={queries()} />
          </Show>
        </Popover.Content>
      </Popover.Portal>
    </Popover>
  );
}

function Items(props: PanelActions & { act(what?: () => void): () => void; onAsk(): void }) {
  return (
    <ul class="menu-items">
      <Show when={props.table}>
        {(table) => (
          <li>
            <button type="button" onClick={props.act(() => table().toggle())}>
              {table().shown ? 'Show the chart' : 'Show as a table'}
            </button>
          </li>
        )}
      </Show>
      <Show when={props.onCsv}>
        <li>
          <button type="button" onClick={props.act(() => props.onCsv?.())}>
            Save as CSV
          </button>
        </li>
      </Show>
      <Show when={props.onPng}>
        <li>
          <button type="button" onClick={props.act(() => props.onPng?.())}>
            Save as PNG
          </button>
        </li>
      </Show>
      <Show when={props.queries?.length}>
        <li>
          <button type="button" onClick={props.onAsk}>
            Show the query
          </button>
        </li>
      </Show>
    </ul>
  );
}

function Queries(props: { queries: readonly string[] }) {
  return (
    <div class="queries">
      <For each={props.queries}>
        {(query) => (
          <div class="query">
            <code>{query}</code>
            <div class="query-actions">
              <button type="button" class="button" onClick={() => navigator.clipboard?.writeText(query)}>
                <CopyIcon />
                Copy
              </button>
              <a class="button" href={`/promql?expr=${encodeURIComponent(query)}`}>
                Open in PromQL
              </a>
            </div>
          </div>
        )}
      </For>
    </div>
  );
}
