import { Show } from 'solid-js';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { courseOf } from '../../charts/options/forms.ts';
import type { Stack } from '../../charts/options/stack.ts';
import { labelTitle } from '../../format/labels.ts';
import { formatCompact, formatCount, formatShare, formatUsd, formatUsdExact } from '../../format/number.ts';
import { formatSeconds } from '../../format/time.ts';
import { COUNT, SECONDS } from '../../format/units.ts';
import { type AgentRow, failureShare, isEmptyTools, loadTools, TOOL_GROUPS, type ToolRow, type ToolsNumbers } from '../../store/tools.ts';
import { tools as texts } from '../../texts/work.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count } from '../../ui/Figures.tsx';
import { Name, NamesPanel } from '../../ui/NamesPanel.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { changeOf, pointsOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

const groups = TOOL_GROUPS.map((value) => ({ value, label: texts.by[value], title: texts.byHelp[value] }));

/** Which tools were called, how often they failed and how long they took; subagents and skills. */
export default function Tools() {
  const groupOf = (by: string) => TOOL_GROUPS.find((group) => group === by) ?? 'tool';
  return (
    <NumbersView
      name={texts.name}
      question={(state) => ({ range: state.range, filters: state.filters, by: groupOf(state.by) })}
      load={loadTools}
      isEmpty={isEmptyTools}
      nothing={texts.nothing}
      filters={['project', 'host']}
    >
      {({ numbers, state, change, nowSeconds }) => (
        <>
          <Totals figures={figuresOf(numbers())} />
          <div class="grid">
            <ChartPanel
              title={texts.calls}
              class="panel-half"
              stack={numbers().callsOverTime}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().calls.all} />}
              aside={
                <Segmented
                  label={texts.byLabel}
                  options={groups}
                  value={groupOf(state().by)}
                  onChange={(by) => change({ by: by === 'tool' ? '' : by })}
                />
              }
            />
            <ChartPanel
              title={texts.durations}
              class="panel-half"
              stack={numbers().durations}
              format={SECONDS}
              shape="lines"
              nowSeconds={nowSeconds()}
              figure={<span class="quiet">{texts.durationsFigure}</span>}
            />
            <TablePanel
              title={texts.byTool}
              class="panel-full"
              label={texts.tool}
              rows={numbers().rows}
              columns={columnsOf(numbers().trends)}
              main="all"
              keyOf={(row) => row.tool}
              name={(row) => <span title={row.tool}>{row.tool}</span>}
              queries={numbers().queries}
              figure={<Count value={numbers().rows.length} />}
            />
            <ChartPanel
              title={texts.wrong}
              class="panel-full"
              stack={numbers().errors}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().errors.total} />}
            />
            <TablePanel
              title={texts.agents}
              class="panel-half"
              label={texts.nameColumn}
              rows={numbers().agents}
              columns={agentColumns}
              main="times"
              keyOf={(row) => row.name}
              text={(row) => labelTitle('agent_type', row.name)}
              name={(row) => <Name label="agent_type" name={row.name} />}
              queries={numbers().agentQueries}
              unnarrowed={numbers().agentsUnnarrowed}
              figure={<Count value={numbers().agents.length} />}
            />
            <ChartPanel
              title={texts.agentsOver}
              class="panel-half"
              stack={numbers().agentsOverTime}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().agentsOverTime.total} />}
            />
            <NamesPanel
              title={texts.skills}
              label="skill"
              columns={[texts.nameColumn, texts.times]}
              sums={numbers().skills}
              cell={(value) => formatCount(value)}
            />
            <ChartPanel
              title={texts.skillsOver}
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

function figuresOf({ calls, before, rows, queries, trends, errors }: ToolsNumbers): TotalFigure[] {
  const share = failureShare(calls);
  const worst = [...rows].filter((row) => row.error > 0).sort((one, other) => other.error - one.error)[0];
  return [
    {
      name: texts.calls,
      number: calls.all,
      value: formatCount(calls.all),
      exact: texts.callsExact(formatCount(calls.all)),
      about: texts.callsAbout,
      queries: [queries[0] ?? ''],
      course: courseOf(trends),
      sub: texts.toolsSub(formatCount(rows.length)),
      change: changeOf(calls.all, before?.all, formatCount),
    },
    {
      name: texts.failed,
      number: calls.error,
      value: formatCount(calls.error),
      exact: texts.failedExact(formatCount(calls.error)),
      queries: [queries[0] ?? ''],
      course: courseOf(errors),
      sub: worst ? texts.failedMost(worst.tool, formatCount(worst.error)) : texts.none,
      change: changeOf(calls.error, before?.error, formatCount),
    },
    {
      name: texts.share,
      number: share,
      value: share === null ? '–' : formatShare(share),
      exact: share === null ? '–' : formatShare(share),
      about: texts.shareAbout,
      queries: [queries[0] ?? ''],
      sub: texts.shareSub,
      change: pointsOf(share, before && failureShare(before), formatShare),
    },
    {
      name: texts.stopped,
      number: calls.rejected + calls.blocked,
      value: formatCount(calls.rejected + calls.blocked),
      exact: texts.stoppedExact(formatCount(calls.rejected), formatCount(calls.blocked)),
      sub: texts.stoppedSub(formatCount(calls.rejected), formatCount(calls.blocked)),
      change: changeOf(calls.rejected + calls.blocked, before && before.rejected + before.blocked, formatCount),
    },
  ];
}

const seconds = (value: number | null) => (value === null ? <span class="quiet">–</span> : formatSeconds(value));

const columnsOf = (trends: Stack): Column<ToolRow>[] => [
  { key: 'all', name: texts.columns.calls, value: (row) => row.all, cell: (row) => formatCount(row.all) },
  {
    key: 'trend',
    name: texts.columns.trend,
    help: texts.help.trend,
    value: () => null,
    cell: (row) => (
      <span class="cell-trend">
        <Sparkline values={trends.layers.find((layer) => layer.key === row.tool)?.values ?? []} />
      </span>
    ),
    spare: true,
  },
  {
    key: 'error',
    name: texts.columns.failed,
    value: (row) => row.error,
    cell: (row) => (
      <Show when={row.error > 0} fallback={<span class="quiet">0</span>}>
        <span class="failed">{formatCount(row.error)}</span>
      </Show>
    ),
  },
  {
    key: 'share',
    name: texts.columns.share,
    help: texts.help.share,
    value: failureShare,
    cell: (row) => {
      const share = failureShare(row);
      return share === null ? <span class="quiet">–</span> : formatShare(share);
    },
  },
  {
    key: 'p50',
    name: texts.columns.half,
    help: texts.help.half,
    value: (row) => row.p50,
    cell: (row) => seconds(row.p50),
    spare: true,
  },
  {
    key: 'p95',
    name: texts.columns.most95,
    help: texts.help.most95,
    value: (row) => row.p95,
    cell: (row) => seconds(row.p95),
    spare: true,
  },
  { key: 'rejected', name: texts.columns.rejected, value: (row) => row.rejected, cell: (row) => formatCount(row.rejected), spare: true },
  { key: 'blocked', name: texts.columns.blocked, value: (row) => row.blocked, cell: (row) => formatCount(row.blocked), spare: true },
];

const agentColumns: Column<AgentRow>[] = [
  { key: 'times', name: texts.times, value: (row) => row.times, cell: (row) => formatCount(row.times) },
  {
    key: 'tokens',
    name: texts.agentColumns.tokens,
    value: (row) => row.tokens,
    cell: (row) => <span title={formatCount(row.tokens)}>{formatCompact(row.tokens)}</span>,
  },
  {
    key: 'cost',
    name: texts.agentColumns.cost,
    value: (row) => row.costUsd,
    cell: (row) => <span title={formatUsdExact(row.costUsd)}>{formatUsd(row.costUsd)}</span>,
  },
  {
    key: 'each',
    name: texts.agentColumns.each,
    help: texts.agentColumns.eachHelp,
    value: (row) => (row.times > 0 ? row.costUsd / row.times : null),
    cell: (row) => (row.times > 0 ? formatUsd(row.costUsd / row.times) : '–'),
    spare: true,
  },
];
