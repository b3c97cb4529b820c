import { A } from '@solidjs/router';
import { For, Show } from 'solid-js';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { courseOf } from '../../charts/options/forms.ts';
import { labelText, labelTitle } from '../../format/labels.ts';
import { formatCount, formatShare, formatWords } from '../../format/number.ts';
import { formatMoment } from '../../format/time.ts';
import { COUNT } from '../../format/units.ts';
import { keptState, type ViewState, writeState } from '../../store/location.ts';
import { useOpenSessions } from '../../store/open-sessions.ts';
import { doneShare, loadTodos, MOST_LISTS, type TodoProject, type TodoSession, type TodosNumbers } from '../../store/todos.ts';
import { live as liveTexts } from '../../texts/live.ts';
import { todos as texts } from '../../texts/todos.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count } from '../../ui/Figures.tsx';
import { Name } from '../../ui/NamesPanel.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { changeOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

/** How far todo lists are: open, done and left undone, by project and by session. */
export default function Todos() {
  return (
    <NumbersView
      name={texts.name}
      question={(state) => ({ range: state.range, filters: state.filters })}
      load={loadTodos}
      isEmpty={(numbers) => numbers.sessions.length === 0 && numbers.abandoned === 0}
      nothing={texts.nothing}
      filters={['project', 'host']}
    >
      {({ numbers, state, change, nowSeconds }) => (
        <>
          <Totals figures={figuresOf(numbers())} />
          <div class="grid">
            <AtWork slots={numbers().slots.project} state={state()} />
            <ChartPanel
              title={texts.overTime}
              class="panel-half"
              stack={numbers().abandonedOverTime}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().abandoned} />}
            />
            <TablePanel
              title={texts.projects}
              class="panel-full"
              label={texts.project}
              rows={numbers().projects}
              columns={projectColumns}
              main="done"
              keyOf={(row) => row.name}
              text={(row) => labelTitle('project', row.name)}
              name={(row) => (
                <Name
                  label="project"
                  name={row.name}
                  slots={numbers().slots.project}
                  onName={(project) => change({ filters: { ...state().filters, project: [project] } })}
                />
              )}
              figure={<Count value={numbers().projects.length} />}
            />
            <TablePanel
              title={texts.sessions}
              class="panel-full"
              label={texts.session}
              rows={numbers().sessions}
              columns={sessionColumns}
              main="share"
              full={1}
              order="last"
              keyOf={(row) => row.id}
              text={(row) => `${labelTitle('project', row.project ?? texts.unknown)} ${row.id}`}
              name={(row) => <SessionLink session={row} state={state()} />}
              figure={
                <Show when={numbers().more} fallback={<Count value={numbers().sessions.length} />}>
                  <span class="quiet">{texts.more(formatCount(MOST_LISTS))}</span>
                </Show>
              }
            />
          </div>
          <p class="view-note">{texts.note}</p>
        </>
      )}
    </NumbersView>
  );
}

function SessionLink(props: { session: TodoSession; state: ViewState }) {
  return (
    <A
      class="link"
      href={`/sessions/${encodeURIComponent(props.session.id)}${writeState(keptState(props.state))}`}
      title={props.session.id}
    >
      {labelText('project', props.session.project ?? texts.unknown)}
    </A>
  );
}

/** The lists of sessions that are at work, as they move. */
function AtWork(props: { slots: ReadonlyMap<string, number>; state: ViewState }) {
  const open = useOpenSessions();
  const lists = () => open().flatMap(({ session, state }) => (session.todos ? [{ session, state, todos: session.todos }] : []));
  return (
    <Panel title={texts.live} class="panel-half" figure={<Count value={lists().length} />}>
      <Show when={lists().length > 0} fallback={<p class="panel-nothing quiet">{texts.liveNothing}</p>}>
        <ul class="progress-list">
          <For each={lists()}>
            {({ session, state, todos }) => (
              <li>
                <p class="progress-head">
                  <A class="link" href={`/sessions/${encodeURIComponent(session.id)}${writeState(keptState(props.state))}`}>
                    <span class={`swatch slot-${props.slots.get(session.project) ?? 'rest'}`} />
                    {labelText('project', session.project)}
                  </A>
                  <span class={`state state-${state}`}>{liveTexts.states[state]}</span>
                  <span class="quiet">{texts.progress(formatCount(todos.done), formatCount(todos.all))}</span>
                </p>
                <ProgressBar part={todos.all === 0 ? 0 : todos.done / todos.all} />
              </li>
            )}
          </For>
        </ul>
      </Show>
    </Panel>
  );
}

const share = (value: number | null) => (value === null ? <span class="quiet">–</span> : formatShare(value));
const number = (value: number) => (value === 0 ? <span class="quiet">0</span> : formatCount(value));

const projectColumns: Column<TodoProject>[] = [
  { key: 'done', name: texts.done, value: (row) => row.done, cell: (row) => number(row.done) },
  { key: 'open', name: texts.open, value: (row) => row.pending + row.underWay, cell: (row) => number(row.pending + row.underWay) },
  {
    key: 'left',
    name: texts.leftShort,
    help: texts.leftAbout,
    value: (row) => row.left,
    cell: (row) => (row.left === 0 ? number(0) : <span class="failed">{formatCount(row.left)}</span>),
  },
  { key: 'share', name: texts.share, value: doneShare, cell: (row) => share(doneShare(row)), spare: true },
  { key: 'lists', name: texts.lists, value: (row) => row.lists, cell: (row) => number(row.lists), spare: true },
];

const allOf = ({ todos }: TodoSession) => todos.completed + todos.inProgress + todos.pending;

const sessionColumns: Column<TodoSession>[] = [
  {
    key: 'share',
    name: texts.done,
    value: (row) => (allOf(row) === 0 ? null : row.todos.completed / allOf(row)),
    cell: (row) => texts.progress(formatCount(row.todos.completed), formatCount(allOf(row))),
  },
  {
    key: 'state',
    name: texts.state,
    value: (row) => Number(row.todos.abandoned),
    cell: (row) =>
      row.todos.abandoned ? (
        <span class="failed">{texts.leftMark}</span>
      ) : (
        <span class={`state state-${row.state}`}>{liveTexts.states[row.state]}</span>
      ),
    spare: true,
  },
  {
    key: 'last',
    name: texts.last,
    value: (row) => Date.parse(row.lastAt),
    cell: (row) => formatMoment(Date.parse(row.lastAt) / 1000),
    spare: true,
  },
];

function figuresOf(numbers: TodosNumbers): TotalFigure[] {
  const { totals } = numbers;
  const all = totals.done + totals.underWay + totals.pending + totals.left;
  const done = doneShare(totals);
  return [
    {
      name: texts.open,
      number: totals.pending + totals.underWay,
      value: formatCount(totals.pending + totals.underWay),
      exact: texts.openExact(formatCount(totals.pending), formatCount(totals.underWay)),
      sub: texts.openSub(formatCount(totals.underWay)),
      about: texts.openAbout,
    },
    {
      name: texts.done,
      number: totals.done,
      value: formatCount(totals.done),
      exact: texts.doneExact(formatCount(totals.done), formatCount(all)),
      sub: done === null ? '' : texts.doneSub(formatShare(done)),
      about: texts.doneAbout,
    },
    {
      name: texts.left,
      number: totals.left,
      value: formatCount(totals.left),
      exact: texts.leftExact(formatCount(totals.left)),
      sub: texts.leftSub(formatWords(totals.leftLists, texts.list)),
      about: texts.leftAbout,
    },
    {
      name: texts.abandoned,
      number: numbers.abandoned,
      value: formatCount(numbers.abandoned),
      exact: texts.abandonedExact(formatCount(numbers.abandoned)),
      sub: texts.ofLists(formatWords(totals.lists, texts.list)),
      change: changeOf(numbers.abandoned, numbers.abandonedBefore, formatCount),
      about: texts.abandonedAbout,
      queries: [numbers.query],
      course: courseOf(numbers.abandonedOverTime),
    },
  ];
}
