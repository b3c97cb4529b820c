import { type JSX, Show } from 'solid-js';
import { labelText, labelTitle } from '../format/labels.ts';
import { formatShare } from '../format/number.ts';
import { ranked, type Sums } from '../store/ask.ts';
import { names as texts } from '../texts/names.ts';
import { TablePanel } from './DataTable.tsx';
import { Count } from './Figures.tsx';

/** The values of a label and how much each has of something, with its share. */
export function NamesPanel(props: {
  title: string;
  /** The label that the names are values of. */
  label: string;
  /** What the names are, and what the numbers: the heads of the columns. */
  columns: readonly [name: string, number: string];
  sums: Sums;
  slots?: ReadonlyMap<string, number>;
  cell(value: number): JSX.Element;
  onName?(name: string): void;
  figure?: JSX.Element;
  nothing?: string;
  class?: string;
}) {
  const rows = () => ranked(props.sums.values).map(([name, value]) => ({ name, value }));
  return (
    <TablePanel
      title={props.title}
      class={props.class ?? 'panel-half'}
      label={props.columns[0]}
      rows={rows()}
      columns={[
        { key: 'value', name: props.columns[1], value: (row) => row.value, cell: (row) => props.cell(row.value) },
        {
          key: 'share',
          name: texts.share,
          value: (row) => (props.sums.total === 0 ? null : row.value / props.sums.total),
          cell: (row) => <span class="quiet">{props.sums.total === 0 ? '–' : formatShare(row.value / props.sums.total)}</span>,
        },
      ]}
      main="value"
      keyOf={(row) => row.name}
      text={(row) => labelTitle(props.label, row.name)}
      name={(row) => <Name label={props.label} name={row.name} slots={props.slots} onName={props.onName} />}
      queries={[props.sums.query]}
      unnarrowed={props.sums.unnarrowed}
      figure={props.figure ?? <Count value={rows().length} />}
      {...(props.nothing === undefined ? {} : { nothing: props.nothing })}
    />
  );
}

/** A value of a label with its colour; a button where it can be chosen. */
export function Name(props: {
  label: string;
  name: string;
  slots?: ReadonlyMap<string, number> | undefined;
  onName?: ((name: string) => void) | undefined;
}) {
  const text = () => labelText(props.label, props.name);
  return (
    <span class="name">
      <Show when={props.slots}>{(slots) => <span class={`swatch slot-${slots().get(props.name) ?? 'rest'}`} />}</Show>
      <Show
        when={props.onName}
        fallback={
          <span class="name-text" title={labelTitle(props.label, props.name)}>
            {text()}
          </span>
        }
      >
        {(choose) => (
          <button
            type="button"
            class="link name-text"
            title={texts.showOnly(labelTitle(props.label, props.name))}
            onClick={() => choose()(props.name)}
          >
            {text()}
          </button>
        )}
      </Show>
    </span>
  );
}
