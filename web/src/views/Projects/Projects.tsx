import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { labelText, labelTitle } from '../../format/labels.ts';
import { formatCount, formatShare, formatUsd, formatUsdExact } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import { SECONDS, USD } from '../../format/units.ts';
import { loadProjects, type ProjectRow, type ProjectsNumbers } from '../../store/projects.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count, Tokens, Usd } from '../../ui/Figures.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { changeOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

/** What each project cost and how much was done in it. */
export default function Projects() {
  return (
    <NumbersView
      name="Projects"
      question={(state) => ({ range: state.range, filters: state.filters })}
      load={loadProjects}
      isEmpty={(numbers) => numbers.rows.length === 0}
      nothing="No project was worked on in this time"
    >
      {({ numbers, state, change, nowSeconds }) => (
        <>
          <Totals figures={figuresOf(numbers())} />
          <div class="grid">
            <TablePanel
              title="Projects"
              class="panel-full"
              label="Project"
              rows={numbers().rows}
              columns={columns}
              main="cost"
              keyOf={(row) => row.name}
              text={(row) => labelTitle('project', row.name)}
              name={(row) => (
                <button
                  type="button"
                  class="link"
                  title={`Show only ${labelTitle('project', row.name)}`}
                  onClick={() => change({ filters: { ...state().filters, project: [row.name] } })}
                >
                  {labelText('project', row.name)}
                </button>
              )}
              queries={numbers().queries}
              unnarrowed={numbers().active.unnarrowed ?? []}
              figure={<Count value={numbers().rows.length} />}
            />
            <ChartPanel
              title="Cost"
              class="panel-half"
              stack={numbers().cost}
              format={USD}
              nowSeconds={nowSeconds()}
              figure={<Usd value={numbers().costUsd} />}
            />
            <ChartPanel
              title="Active time"
              class="panel-half"
              stack={numbers().active}
              format={{ ...SECONDS, short: formatDuration, exact: formatDuration }}
              nowSeconds={nowSeconds()}
              figure={formatDuration(numbers().activeSeconds)}
            />
          </div>
        </>
      )}
    </NumbersView>
  );
}

function figuresOf({ rows, costUsd, before, activeSeconds, activeBefore }: ProjectsNumbers): TotalFigure[] {
  const [dearest] = rows;
  return [
    {
      name: 'Projects',
      number: rows.length,
      value: formatCount(rows.length),
      exact: `${formatCount(rows.length)} projects with anything counted`,
      sub: `${formatCount(rows.filter((row) => row.commits > 0).length)} with commits`,
    },
    {
      name: 'Cost',
      number: costUsd,
      value: formatUsd(costUsd),
      exact: formatUsdExact(costUsd),
      sub: rows.length > 0 ? `${formatUsd(costUsd / rows.length)} a project` : '',
      change: changeOf(costUsd, before, formatUsdExact),
    },
    {
      name: 'Most on',
      number: dearest?.costUsd ?? null,
      value: dearest ? labelText('project', dearest.name) : '–',
      exact: dearest ? `${labelTitle('project', dearest.name)}: ${formatUsdExact(dearest.costUsd)}` : '',
      sub: dearest && costUsd > 0 ? `${formatUsd(dearest.costUsd)}, ${formatShare(dearest.costUsd / costUsd)}` : '',
    },
    {
      name: 'Active time',
      number: activeSeconds,
      value: formatDuration(activeSeconds),
      exact: 'Time in which something happened in a session, gaps above five minutes left out; two sessions at once count twice',
      sub: activeSeconds > 0 ? `${formatUsd((costUsd / activeSeconds) * 3600)} an hour` : '',
      change: changeOf(activeSeconds, activeBefore, formatDuration),
    },
  ];
}

const columns: Column<ProjectRow>[] = [
  { key: 'cost', name: 'Cost', value: (row) => row.costUsd, cell: (row) => <Usd value={row.costUsd} /> },
  { key: 'tokens', name: 'Tokens', value: (row) => row.tokens, cell: (row) => <Tokens value={row.tokens} /> },
  { key: 'requests', name: 'Requests', value: (row) => row.requests, cell: (row) => formatCount(row.requests), spare: true },
  { key: 'sessions', name: 'Sessions', value: (row) => row.sessions, cell: (row) => formatCount(row.sessions), spare: true },
  {
    key: 'active',
    name: 'Active',
    help: 'Time in which something happened in a session',
    value: (row) => row.activeSeconds,
    cell: (row) => formatDuration(row.activeSeconds),
    spare: true,
  },
  { key: 'calls', name: 'Tool calls', value: (row) => row.toolCalls, cell: (row) => formatCount(row.toolCalls), spare: true },
  {
    key: 'lines',
    name: 'Lines',
    help: 'Lines added and removed',
    value: (row) => row.lines,
    cell: (row) => formatCount(row.lines),
    spare: true,
  },
  { key: 'commits', name: 'Commits', value: (row) => row.commits, cell: (row) => formatCount(row.commits), spare: true },
];
