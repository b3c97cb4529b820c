import { Popover } from '@kobalte/core/popover';
import { createSignal, For, Show } from 'solid-js';
import { menu } from '../texts/common.ts';
import { DotsIcon } from './icons.tsx';
import { Queries } from './Queries.tsx';

/** What can be done with what a panel shows. */
export interface PanelActions {
  title: string;
  /** The PromQL behind it. */
  queries?: readonly string[];
  onCsv?(): void;
  onPng?(): void;
  /** Other ways to show the same numbers. */
  views?: readonly { name: string; show(): void }[];
}

/** The menu in the corner of a panel. */
export function PanelMenu(props: PanelActions) {
  const [open, setOpen] = createSignal(false);
  const [asked, setAsked] = createSignal(false);
  const act = (what: () => void) => () => {
    setOpen(false);
    what();
  };
  const queries = () => [...new Set(props.queries ?? [])].filter((query) => query !== '');
  const items = () => [
    ...(props.views ?? []).map(({ name, show }) => ({ name, run: act(show) })),
    ...(props.onCsv ? [{ name: menu.csv, run: act(() => props.onCsv?.()) }] : []),
    ...(props.onPng ? [{ name: menu.png, run: act(() => props.onPng?.()) }] : []),
    ...(queries().length > 0 ? [{ name: menu.query, run: () => setAsked(true) }] : []),
  ];
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
      <Popover.Trigger class="button button-icon panel-dots" aria-label={menu.more(props.title)} title={menu.hint}>
        <DotsIcon />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content class="popover panel-menu" classList={{ 'is-wide': asked() }} aria-label={props.title}>
          <Show when={!asked()} fallback={<Queries queries={queries()} />}>
            <ul class="menu-items">
              <For each={items()}>
                {(item) => (
                  <li>
                    <button type="button" onClick={item.run}>
                      {item.name}
                    </button>
                  </li>
                )}
              </For>
            </ul>
          </Show>
        </Popover.Content>
      </Popover.Portal>
    </Popover>
  );
}
