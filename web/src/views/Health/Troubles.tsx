import { For, Show } from 'solid-js';
import { labelText } from '../../format/labels.ts';
import { formatCount } from '../../format/number.ts';
import type { HealthNumbers, LabelRoom, Trouble } from '../../store/health.ts';
import { health as texts } from '../../texts/health.ts';
import { TablePanel } from '../../ui/DataTable.tsx';
import { OkIcon } from '../../ui/icons.tsx';
import { Panel } from '../../ui/Panel.tsx';

interface Section {
  title: string;
  none: string;
  rows: readonly Trouble[];
  query: string;
  /** The label that the names are values of, for words; and what the second column is called. */
  label: string;
  more: string | null;
  figure: string;
}

/** What could not be read, used or understood; what there is nothing to say of stands together in one place. */
export function Troubles(props: { numbers: HealthNumbers }) {
  const sections = (): Section[] => {
    const { unreadable, readErrors, unknown, unusable, queries } = props.numbers;
    const since = texts.since;
    return [
      {
        title: texts.unreadable,
        none: texts.unreadableNone,
        rows: unreadable,
        query: queries.unreadable,
        label: 'reason',
        more: null,
        figure: since,
      },
      {
        title: texts.readErrors,
        none: texts.readErrorsNone,
        rows: readErrors,
        query: queries.readErrors,
        label: 'reason',
        more: null,
        figure: since,
      },
      {
        title: texts.unknown,
        none: texts.unknownNone,
        rows: unknown,
        query: queries.unknown,
        label: 'record',
        more: texts.unknownColumns.version,
        figure: texts.unknownFigure,
      },
      {
        title: texts.unusable,
        none: texts.unusableNone,
        rows: unusable,
        query: queries.unusable,
        label: 'reason',
        more: texts.what,
        figure: since,
      },
    ];
  };
  const told = () => sections().filter((section) => section.rows.length > 0);
  const quiet = () => [
    ...sections()
      .filter((section) => section.rows.length === 0)
      .map((section) => section.none),
    ...(props.numbers.rooms.length === 0 ? [texts.foldedNone] : []),
  ];
  return (
    <>
      <For each={told()}>{(section) => <TroublePanel {...section} />}</For>
      <Show when={props.numbers.rooms.length > 0}>
        <Rooms rooms={props.numbers.rooms} query={props.numbers.queries.rooms} />
      </Show>
      <Show when={quiet().length > 0}>
        <Panel title={texts.quiet} class="panel-full">
          <ul class="quiet-list">
            <For each={quiet()}>
              {(line) => (
                <li>
                  <OkIcon />
                  {line}
                </li>
              )}
            </For>
          </ul>
        </Panel>
      </Show>
    </>
  );
}

function TroublePanel(props: Section) {
  return (
    <TablePanel
      title={props.title}
      class="panel-half"
      label={texts.what}
      rows={props.rows}
      columns={[
        ...(props.more === null
          ? []
          : [{ key: 'more', name: props.more, value: () => null, cell: (row: Trouble) => labelText(props.label, row.more) || '–' }]),
        { key: 'count', name: texts.times, value: (row: Trouble) => row.count, cell: (row: Trouble) => formatCount(row.count) },
      ]}
      main="count"
      keyOf={(row) => `${row.name} ${row.more}`}
      name={(row) => <span title={row.name}>{labelText(props.label, row.name)}</span>}
      queries={[props.query]}
      figure={<span class="quiet">{props.figure}</span>}
    />
  );
}

function Rooms(props: { rooms: readonly LabelRoom[]; query: string }) {
  return (
    <TablePanel
      title={texts.folded}
      class="panel-half"
      label={texts.foldedColumns.label}
      rows={props.rooms}
      columns={[
        { key: 'values', name: texts.foldedColumns.values, value: (row) => row.values, cell: (row) => formatCount(row.values) },
        { key: 'limit', name: texts.foldedColumns.limit, value: (row) => row.limit, cell: (row) => formatCount(row.limit) },
      ]}
      main="values"
      keyOf={(row) => row.label}
      name={(row) => <code class="series-name">{row.label}</code>}
      queries={[props.query]}
    />
  );
}
