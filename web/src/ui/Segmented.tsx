import { For } from 'solid-js';

export interface SegmentedOption<Value extends string> {
  value: Value;
  label: string;
  title?: string;
}

/** One of a few, all seen at once. */
export function Segmented<Value extends string>(props: {
  label: string;
  options: readonly SegmentedOption<Value>[];
  value: Value | null;
  onChange(value: Value): void;
}) {
  return (
    <fieldset class="segmented">
      <legend class="visually-hidden">{props.label}</legend>
      <For each={props.options}>
        {(option) => (
          <button
            type="button"
            aria-pressed={props.value === option.value}
            // What is seen comes first: who speaks to the page says what is seen.
            aria-label={option.title && `${option.label}: ${option.title}`}
            title={option.title}
            onClick={() => props.onChange(option.value)}
          >
            {option.label}
          </button>
        )}
      </For>
    </fieldset>
  );
}
