import { Dialog } from '@kobalte/core/dialog';
import { createEffect, createMemo, createSignal, For, on } from 'solid-js';
import { type Action, findActions } from '../store/actions.ts';
import { shell as texts } from '../texts/shell.ts';

/** Finds a view or an action by its name. */
export default function Palette(props: { actions: readonly Action[]; onClose(): void }) {
  const [text, setText] = createSignal('');
  const [at, setAt] = createSignal(0);
  const found = createMemo(() => findActions(props.actions, text()));
  createEffect(on(text, () => setAt(0)));
  let list: HTMLDivElement | undefined;
  const run = (action: Action | undefined) => {
    if (!action) return;
    props.onClose();
    action.run();
  };
  const move = (by: number) => {
    setAt((before) => (before + by + found().length) % Math.max(1, found().length));
    list?.children[at()]?.scrollIntoView({ block: 'nearest' });
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter') run(found()[at()]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay class="dialog-overlay" />
        <Dialog.Content class="dialog palette">
          <Dialog.Title class="visually-hidden">{texts.find}</Dialog.Title>
          <input
            class="palette-input"
            type="text"
            role="combobox"
            aria-expanded="true"
            aria-controls="palette-list"
            aria-activedescendant={`palette-${at()}`}
            aria-label={texts.find}
            placeholder={texts.find}
            value={text()}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={press}
          />
          <div class="palette-list" id="palette-list" role="listbox" aria-label={texts.found} ref={list}>
            <For each={found()} fallback={<p class="menu-none">{texts.nothingFound}</p>}>
              {(action, index) => (
                // Reached by arrow keys from the field, as a combobox is.
                // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
                // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
                <div
                  id={`palette-${index()}`}
                  role="option"
                  aria-selected={index() === at()}
                  onPointerMove={() => setAt(index())}
                  onClick={() => run(action)}
                >
                  <span class="palette-group">{action.group}</span>
                  <span>{action.name}</span>
                  <Shortcut keys={action.keys} />
                </div>
              )}
            </For>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog>
  );
}

/** Keys as they are on a keyboard. */
function Shortcut(props: { keys: readonly string[] }) {
  return (
    <span class="shortcut">
      <For each={props.keys}>{(key) => <kbd>{key}</kbd>}</For>
    </span>
  );
}
