import { createSignal, lazy, onCleanup, onMount, Show, Suspense } from 'solid-js';
import { actionFor } from '../store/actions.ts';
import { useActions } from '../store/use-actions.ts';
import { useViewState } from '../store/view-state.ts';

const Palette = lazy(() => import('./Palette.tsx'));
const Help = lazy(() => import('./Help.tsx'));

/** How long the second key of two may take. */
const PENDING_MS = 1200;

const [dialog, setDialog] = createSignal<'palette' | 'help' | null>(null);

/** What had the focus before a dialog took it. */
let focused: Element | null = null;

export function openPalette(): void {
  open('palette');
}

function open(kind: 'palette' | 'help'): void {
  if (dialog() === null) focused = document.activeElement;
  setDialog(kind);
}

function close(): void {
  setDialog(null);
  const before = focused;
  // Once the dialog is gone: while it is there, it holds the focus.
  setTimeout(() => {
    if (dialog() === null && before instanceof HTMLElement && before.isConnected) before.focus();
  });
}

/** Keys that work everywhere but where one types. */
export function Keys() {
  const actions = useActions();
  const [state, change] = useViewState();
  let before = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const forget = () => {
    before = '';
    clearTimeout(timer);
  };
  function press(event: KeyboardEvent): void {
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      open('palette');
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || dialog() !== null || isTyping(event.composedPath()[0]))
      return;
    if (event.key === 'Escape' && state().kiosk) change({ kiosk: false });
    if (event.key === '?') open('help');
    if (event.key === '/' && focusSearch()) event.preventDefault();
    const found = actionFor(actions(), before, event.key);
    forget();
    if (found === 'pending') {
      before = event.key;
      timer = setTimeout(forget, PENDING_MS);
    } else found?.run();
  }
  onMount(() => document.addEventListener('keydown', press));
  onCleanup(() => {
    document.removeEventListener('keydown', press);
    forget();
  });
  return (
    <Suspense>
      <Show when={dialog() === 'palette'}>
        <Palette actions={actions()} onClose={close} />
      </Show>
      <Show when={dialog() === 'help'}>
        <Help actions={actions()} onClose={close} />
      </Show>
    </Suspense>
  );
}

/** The innermost target counts: the PromQL editor lives in a shadow root. */
function isTyping(target: EventTarget | undefined): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}

/** Goes to the field of the view in which one searches. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLElement>('main input[type="search"]');
  field?.focus();
  return field !== null;
}
