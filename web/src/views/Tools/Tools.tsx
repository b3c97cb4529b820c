import { Show } from 'solid-js';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { labelText, labelTitle } from '../../format/labels.ts';
import { formatCount, formatShare } from '../../format/number.ts';
import { formatSeconds } from '../../format/time.ts';
import { COUNT, SECONDS } from '../../format/units.ts';
import { ranked, type Sums } from '../../store/ask.ts';
import { failureShare, isEmptyTools, loadTools, TOOL_GROUPS, type ToolRow, type ToolsNumbers } from '../../store/tools.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count } from '../../ui/Figures.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { changeOf, pointsOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

const groups = [
  { value: 'tool', label: 'Tool', title: 'Calls by tool' },
  { value: 'result', label: 'Result', title: 'Calls by result' },
  { value: 'project', label: 'Project', title: 'Calls by project' },
] as const;

/** Which tools were called, how often they failed and how long they took; subagents and skills. */
export default function Tools() {
  const groupOf = (by: string) => TOOL_GROUPS.find((group) => group === by) ?? 'tool';
  return (
    <NumbersView
      name="Tools"
      question={(state) => ({ range: state.range, filters: state.filters, by: groupOf(state.by) })}
      load={loadTools}
      isEmpty={isEmptyTools}
      nothing="No tool was used in this time"
      filters={['project', 'host']}
    >
      {({ numbers, state, change, nowSeconds }) => (
        <>
          <Totals figures={figuresOf(numbers())} />
          <div class="grid">
            <ChartPanel
              title="Tool calls"
              class="panel-half"
              stack={numbers().callsOverTime}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().calls.all} />}
              aside={
                <Segmented
                  label="Calls by"
                  options={groups}
                  value={groupOf(state().by)}
                  onChange={(by) => change({ by: by === 'tool' ? '' : by })}
                />
              }
            />
            <ChartPanel
              title="How long calls took"
              class="panel-half"
              stack={numbers().durations}
              format={SECONDS}
              shape="lines"
              nowSeconds={nowSeconds()}
              figure={<span class="quiet">all tools, waiting for permission included</span>}
            />
            <TablePanel
              title="By tool"
              class="panel-full"
              label="Tool"
              rows={numbers().rows}
              columns={columns}
              main="all"
              keyOf={(row) => row.tool}
              name={(row) => <span title={row.tool}>{row.tool}</span>}
              queries={numbers().queries}
              figure={<Count value={numbers().rows.length} />}
            />
            <ChartPanel
              title="What went wrong"
              class="panel-full"
              stack={numbers().errors}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().errors.total} />}
            />
            <Names title="Subagents" label="agent_type" sums={numbers().agents} />
            <ChartPanel
              title="Subagents started"
              class="panel-half"
              stack={numbers().agentsOverTime}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().agents.total} />}
            />
            <Names title="Skills and commands" label="skill" sums={numbers().skills} />
            <ChartPanel
              title="Skills and commands used"
              class="panel-half"
              stack={numbers().skillsOverTime}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().skills.total} />}
            />
          </div>
        </>
      )}
    </NumbersView>
  );
}

function figuresOf({ calls, before, rows }: ToolsNumbers): TotalFigure[] {
  const share = failureShare(calls);
  const worst = [...rows].filter((row) => row.error > 0).sort((one, other) => other.error - one.error)[0];
  return [
    {
      name: 'Tool calls',
      number: calls.all,
      value: formatCount(calls.all),
      exact: `${formatCount(calls.all)} finished tool calls`,
      sub: `${formatCount(rows.length)} tools`,
      change: changeOf(calls.all, before?.all, formatCount),
    },
    {
      name: 'Failed',
      number: calls.error,
      value: formatCount(calls.error),
      exact: `${formatCount(calls.error)} calls failed`,
      sub: worst ? `most: ${worst.tool}, ${formatCount(worst.error)}` : 'none',
      change: changeOf(calls.error, before?.error, formatCount),
    },
    {
      name: 'Failure share',
      number: share,
      value: share === null ? '–' : formatShare(share),
      exact: 'Failed calls as a share of those that were made; rejected and blocked calls were not',
      sub: 'of calls that were made',
      change: pointsOf(share, before && failureShare(before), formatShare),
    },
    {
      name: 'Rejected or blocked',
      number: calls.rejected + calls.blocked,
      value: formatCount(calls.rejected + calls.blocked),
      exact: `${formatCount(calls.rejected)} rejected by the user or a permission rule, ${formatCount(calls.blocked)} blocked by a hook`,
      sub: `${formatCount(calls.rejected)} rejected, ${formatCount(calls.blocked)} blocked`,
      change: changeOf(calls.rejected + calls.blocked, before && before.rejected + before.blocked, formatCount),
    },
  ];
}

const seconds = (value: number | null) => (value === null ? <span class="quiet">–</span> : formatSeconds(value));

const columns: Column<ToolRow>[] = [
  { key: 'all', name: 'Calls', value: (row) => row.all, cell: (row) => formatCount(row.all) },
  {
    key: 'error',
    name: 'Failed',
    value: (row) => row.error,
    cell: (row) => (
      <Show when={row.error > 0} fallback={<span class="quiet">0</span>}>
        <span class="failed">{formatCount(row.error)}</span>
      </Show>
    ),
  },
  {
    key: 'share',
    name: 'Failure share',
    help: 'Failed calls as a share of those that were made',
    value: failureShare,
    cell: (row) => {
      const share = failureShare(row);
      return share === null ? <span class="quiet">–</span> : formatShare(share);
    },
  },
  {
    key: 'p50',
    name: 'Half within',
    help: 'Half of the calls took no longer (p50)',
    value: (row) => row.p50,
    cell: (row) => seconds(row.p50),
    spare: true,
  },
  {
    key: 'p95',
    name: '95 % within',
    help: '95 of 100 calls took no longer (p95), as fine as the buckets of the histogram are',
    value: (row) => row.p95,
    cell: (row) => seconds(row.p95),
    spare: true,
  },
  { key: 'rejected', name: 'Rejected', value: (row) => row.rejected, cell: (row) => formatCount(row.rejected), spare: true },
  { key: 'blocked', name: 'Blocked', value: (row) => row.blocked, cell: (row) => formatCount(row.blocked), spare: true },
];

/** Names and how often each was there. */
function Names(props: { title: string; label: string; sums: Sums }) {
  const rows = () => ranked(props.sums.values).map(([name, count]) => ({ name, count }));
  return (
    <TablePanel
      title={props.title}
      class="panel-half"
      label="Name"
      rows={rows()}
      columns={[
        { key: 'count', name: 'Times', value: (row) => row.count, cell: (row) => formatCount(row.count) },
        {
          key: 'share',
          name: 'Share',
          value: (row) => row.count,
          cell: (row) => <span class="quiet">{formatShare(row.count / props.sums.total)}</span>,
        },
      ]}
      main="count"
      keyOf={(row) => row.name}
      text={(row) => labelTitle(props.label, row.name)}
      name={(row) => <span title={labelTitle(props.label, row.name)}>{labelText(props.label, row.name)}</span>}
      queries={[props.sums.query]}
      unnarrowed={props.sums.unnarrowed}
      figure={<Count value={rows().length} />}
    />
  );
}
