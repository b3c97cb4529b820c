import { Dialog } from '@kobalte/core/dialog';
import { For } from 'solid-js';
import type { Action } from '../store/actions.ts';

const more: { group: string; name: string; keys: readonly string[] }[] = [
  { group: 'Everywhere', name: 'Find a view or an action', keys: ['Ctrl', 'K'] },
  { group: 'Everywhere', name: 'Search in a list', keys: ['/'] },
  { group: 'Everywhere', name: 'This help', keys: ['?'] },
  { group: 'On a chart', name: 'From bar to bar', keys: ['←', '→'] },
  { group: 'On a chart', name: 'Look closer: draw over the bars', keys: [] },
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
            <Dialog.Title>Keys</Dialog.Title>
            <Dialog.CloseButton class="button">Close</Dialog.CloseButton>
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
