import { Popover } from '@kobalte/core/popover';
import { createSignal, Show } from 'solid-js';
import { readMinuteField, writeMinuteField } from '../format/fields.ts';
import { formatSpan } from '../format/time.ts';
import { QUICK_RANGES, type Range, type RangeChoice, widenRange } from '../store/range.ts';
import { useWayBack } from '../store/view-state.ts';
import { range as texts } from '../texts/shell.ts';
import { BackIcon, CalendarIcon, ZoomOutIcon } from './icons.tsx';
import { Segmented } from './Segmented.tsx';

const options = QUICK_RANGES.map((name) => ({ value: name, label: name === 'all' ? texts.all : name, title: texts.names[name] }));

/** Quick ranges in a row, and from-to behind a button. `shown` is the range on screen, where an own one starts from. */
export function RangePicker(props: { choice: RangeChoice; shown: Range; nowMs(): number; onChange(choice: RangeChoice): void }) {
  const [open, setOpen] = createSignal(false);
  const [canGoBack, goBack] = useWayBack();
  const absolute = () => (props.choice.kind === 'absolute' ? props.choice : null);
  const apply = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const start = readMinuteField(String(fields.get('from')));
    const end = readMinuteField(String(fields.get('to')));
    if (start === null || end === null || start >= end) return;
    setOpen(false);
    props.onChange({ kind: 'absolute', start, end });
  };
  return (
    <div class="range-picker">
      <Segmented
        label={texts.label}
        options={options}
        value={props.choice.kind === 'quick' ? props.choice.name : null}
        onChange={(name) => props.onChange({ kind: 'quick', name })}
      />
      <Show when={absolute()}>
        {(range) => (
          <>
            <Show when={canGoBack()}>
              <button type="button" class="button range-own" title={texts.backHint} aria-label={texts.back} onClick={goBack}>
                <BackIcon />
              </button>
            </Show>
            <button
              type="button"
              class="button range-own"
              title={texts.zoomOutHint}
              aria-label={texts.zoomOut}
              onClick={() => props.onChange({ kind: 'absolute', ...widenRange(range(), props.nowMs()) })}
            >
              <ZoomOutIcon />
            </button>
          </>
        )}
      </Show>
      <Popover open={open()} onOpenChange={setOpen} gutter={6} placement="bottom-end">
        <Popover.Trigger
          class="button range-own"
          classList={{ 'is-set': absolute() !== null }}
          aria-label={texts.fromTo}
          title={texts.fromTo}
        >
          <CalendarIcon />
          <Show when={absolute()}>{(range) => <span>{formatSpan(range().start, range().end)}</span>}</Show>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content class="popover" aria-label={texts.fromTo}>
            <RangeForm shown={props.shown} onSubmit={apply} />
          </Popover.Content>
        </Popover.Portal>
      </Popover>
    </div>
  );
}

function RangeForm(props: { shown: Range; onSubmit(event: SubmitEvent & { currentTarget: HTMLFormElement }): void }) {
  let to!: HTMLInputElement;
  const check = (from: string) => {
    const start = readMinuteField(from);
    const end = readMinuteField(to.value);
    to.setCustomValidity(start !== null && end !== null && start >= end ? texts.mustBeLater : '');
  };
  return (
    <form class="range-form" onSubmit={props.onSubmit} onInput={(event) => check(String(new FormData(event.currentTarget).get('from')))}>
      <label>
        {texts.from}
        <input class="input" type="datetime-local" name="from" required value={writeMinuteField(props.shown.start)} />
      </label>
      <label>
        {texts.to}
        <input class="input" type="datetime-local" name="to" required ref={to} value={writeMinuteField(props.shown.end)} />
      </label>
      <button type="submit" class="button button-primary">
        {texts.show}
      </button>
    </form>
  );
}
