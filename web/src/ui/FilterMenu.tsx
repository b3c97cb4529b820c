import { Popover } from '@kobalte/core/popover';
import { createMemo, createSignal, For, Show } from 'solid-js';
import { preferences } from '../format/preferences.ts';
import { ChevronIcon } from './icons.tsx';

/** Above this many values there is a field to search them. */
const SEARCH_FROM = 8;
/** A list longer than this is searched, not scrolled. */
const MAX_SHOWN = 200;

/** Any of many, behind a button that says what is chosen. */
export function FilterMenu(props: {
  label: string;
  options: readonly string[];
  chosen: readonly string[];
  textOf(value: string): string;
  onChange(chosen: string[]): void;
}) {
  const [text, setText] = createSignal('');
  const values = createMemo(() => [...new Set([...props.chosen, ...props.options])]);
  const found = createMemo(() => {
    const wanted = text().trim().toLowerCase();
    return values()
      .filter((value) => `${preferences().privacy ? '' : value} ${props.textOf(value)}`.toLowerCase().includes(wanted))
      .slice(0, MAX_SHOWN);
  });
  const summary = () => {
    const [first] = props.chosen;
    if (first === undefined) return props.label;
    return props.chosen.length === 1 ? props.textOf(first) : `${props.label}: ${props.chosen.length}`;
  };
  const toggle = (value: string) =>
    props.onChange(props.chosen.includes(value) ? props.chosen.filter((other) => other !== value) : [...props.chosen, value]);

  return (
    <Popover gutter={6} placement="bottom-start" onOpenChange={() => setText('')}>
      <Popover.Trigger
        class="button menu-button"
        classList={{ 'is-set': props.chosen.length > 0 }}
        aria-label={`${props.label} filter: ${props.chosen.map(props.textOf).join(', ') || 'all'}`}
      >
        <span class="menu-summary">{summary()}</span>
        <ChevronIcon />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content class="popover" aria-label={`${props.label} filter`}>
          <Show when={values().length > SEARCH_FROM}>
            <input
              class="input"
              type="search"
              placeholder={`Find a ${props.label.toLowerCase()}`}
              aria-label={`Find a ${props.label.toLowerCase()}`}
              value={text()}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </Show>
          <ul class="menu-list">
            <For each={found()} fallback={<li class="menu-none">Nothing found</li>}>
              {(value) => (
                <li>
                  <label title={preferences().privacy ? props.textOf(value) : value}>
                    <input type="checkbox" checked={props.chosen.includes(value)} onChange={() => toggle(value)} />
                    <span>{props.textOf(value)}</span>
                  </label>
                </li>
              )}
            </For>
          </ul>
          <Show when={props.chosen.length > 0}>
            <button type="button" class="button menu-clear" onClick={() => props.onChange([])}>
              Show all
            </button>
          </Show>
        </Popover.Content>
      </Popover.Portal>
    </Popover>
  );
}
