import { Popover } from '@kobalte/core/popover';
import { createMemo, createSignal, For, Show } from 'solid-js';
import { formatCount } from '../format/number.ts';
import { preferences } from '../format/preferences.ts';
import { shell, filters as texts } from '../texts/shell.ts';
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
  /** It is no filter: what is chosen is shown, and nothing chosen is nothing. */
  plain?: boolean;
}) {
  const [text, setText] = createSignal('');
  const values = createMemo(() => [...new Set(props.plain ? props.options : [...props.chosen, ...props.options])]);
  const found = createMemo(() => {
    const wanted = text().trim().toLowerCase();
    return values()
      .filter((value) => `${preferences().privacy ? '' : value} ${props.textOf(value)}`.toLowerCase().includes(wanted))
      .slice(0, MAX_SHOWN);
  });
  const summary = () => {
    const [first] = props.chosen;
    if (first === undefined || props.plain) return props.label;
    return props.chosen.length === 1 ? props.textOf(first) : texts.count(props.label, formatCount(props.chosen.length));
  };
  const toggle = (value: string) =>
    props.onChange(props.chosen.includes(value) ? props.chosen.filter((other) => other !== value) : [...props.chosen, value]);

  return (
    <Popover gutter={6} placement="bottom-start" onOpenChange={() => setText('')}>
      <Popover.Trigger
        class="button menu-button"
        classList={{ 'is-set': props.chosen.length > 0 && !props.plain }}
        aria-label={props.plain ? props.label : texts.says(props.label, props.chosen.map(props.textOf).join(', '))}
      >
        <span class="menu-summary">{summary()}</span>
        <ChevronIcon />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content class="popover" aria-label={props.plain ? props.label : texts.menu(props.label)}>
          <Show when={values().length > SEARCH_FROM}>
            <input
              class="input"
              type="search"
              placeholder={texts.find(props.label)}
              aria-label={texts.find(props.label)}
              value={text()}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </Show>
          <ul class="menu-list">
            <For each={found()} fallback={<li class="menu-none">{shell.nothingFound}</li>}>
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
          <Show when={props.chosen.length > 0 && !props.plain}>
            <button type="button" class="button menu-clear" onClick={() => props.onChange([])}>
              {texts.showAll}
            </button>
          </Show>
        </Popover.Content>
      </Popover.Portal>
    </Popover>
  );
}
