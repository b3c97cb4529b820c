import { Dialog } from '@kobalte/core/dialog';
import { For } from 'solid-js';
import type { Action } from '../store/actions.ts';
import { help as texts } from '../texts/shell.ts';

const more: { group: string; name: string; keys: readonly string[] }[] = [
  { group: texts.everywhere, name: texts.find, keys: ['Ctrl', 'K'] },
  { group: texts.everywhere, name: texts.search, keys: ['/'] },
  { group: texts.everywhere, name: texts.this, keys: ['?'] },
  { group: texts.onChart, name: texts.bars, keys: ['←', '→'] },
  { group: texts.onChart, name: texts.draw, keys: [] },
];

/** All keys there are. */
export default function Help(props: { actions: readonly Action[]; onClose(): void }) {
  const all = () => [...props.actions, ...more];
  const groups = () => [...new Set(all().map((one) => one.group))];
  return (
    <Dialog open onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay class="dialog-overlay" />
        <Dialog.Content class="dialog help">
          <div class="dialog-head">
            <Dialog.Title>{texts.title}</Dialog.Title>
            <Dialog.CloseButton class="button">{texts.close}</Dialog.CloseButton>
          </div>
          <div class="help-groups">
            <For each={groups()}>
              {(group) => (
                <section aria-label={group}>
                  <h3>{group}</h3>
                  <dl>
                    <For each={all().filter((one) => one.group === group)}>
                      {(one) => (
                        <div>
                          <dt>{one.name}</dt>
                          <dd class="shortcut">
                            <For each={one.keys}>{(key) => <kbd>{key}</kbd>}</For>
                          </dd>
                        </div>
                      )}
                    </For>
                  </dl>
                </section>
              )}
            </For>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog>
  );
}
