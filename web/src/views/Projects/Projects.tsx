import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { courseOf } from '../../charts/options/forms.ts';
import { labelText, labelTitle } from '../../format/labels.ts';
import { formatCount, formatShare, formatUsd, formatUsdExact } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import { SECONDS, USD } from '../../format/units.ts';
import { loadProjects, type ProjectRow, type ProjectsNumbers } from '../../store/projects.ts';
import { projects as texts } from '../../texts/work.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count, Tokens, Usd } from '../../ui/Figures.tsx';
import { Name } from '../../ui/NamesPanel.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { changeOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

/** What each project cost and how much was done in it. */
export default function Projects() {
  return (
    <NumbersView
      name={texts.name}
      question={(state) => ({ range: state.range, filters: state.filters })}
      load={loadProjects}
      isEmpty={(numbers) => numbers.rows.length === 0}
      nothing={texts.nothing}
    >
      {({ numbers, state, change, nowSeconds }) => (
        <>
          <Totals figures={figuresOf(numbers())} />
          <div class="grid">
            <TablePanel
              title={texts.projects}
              class="panel-full"
              label={texts.project}
              rows={numbers().rows}
              columns={columns}
              main="cost"
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
              queries={numbers().queries}
              unnarrowed={numbers().active.unnarrowed ?? []}
              figure={<Count value={numbers().rows.length} />}
            />
            <ChartPanel
              title={texts.cost}
              class="panel-half"
              stack={numbers().cost}
              format={USD}
              nowSeconds={nowSeconds()}
              figure={<Usd value={numbers().costUsd} />}
            />
            <ChartPanel
              title={texts.active}
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

function figuresOf({ rows, costUsd, before, cost, active, activeSeconds, activeBefore }: ProjectsNumbers): TotalFigure[] {
  const [dearest] = rows;
  return [
    {
      name: texts.projects,
      number: rows.length,
      value: formatCount(rows.length),
      exact: texts.projectsExact(formatCount(rows.length)),
      sub: texts.withCommits(formatCount(rows.filter((row) => row.commits > 0).length)),
    },
    {
      name: texts.cost,
      number: costUsd,
      value: formatUsd(costUsd),
      exact: formatUsdExact(costUsd),
      sub: rows.length > 0 ? texts.aProject(formatUsd(costUsd / rows.length)) : '',
      change: changeOf(costUsd, before, formatUsdExact),
      queries: [cost.query],
      course: courseOf(cost),
    },
    {
      name: texts.most,
      number: dearest?.costUsd ?? null,
      value: dearest ? labelText('project', dearest.name) : '–',
      exact: dearest ? texts.mostExact(labelTitle('project', dearest.name), formatUsdExact(dearest.costUsd)) : '',
      sub: dearest && costUsd > 0 ? texts.mostSub(formatUsd(dearest.costUsd), formatShare(dearest.costUsd / costUsd)) : '',
    },
    {
      name: texts.active,
      number: activeSeconds,
      value: formatDuration(activeSeconds),
      exact: formatDuration(activeSeconds),
      about: texts.activeAbout,
      queries: [active.query],
      course: courseOf(active),
      sub: activeSeconds > 0 ? texts.anHour(formatUsd((costUsd / activeSeconds) * 3600)) : '',
      change: changeOf(activeSeconds, activeBefore, formatDuration),
    },
  ];
}

const columns: Column<ProjectRow>[] = [
  { key: 'cost', name: texts.columns.cost, value: (row) => row.costUsd, cell: (row) => <Usd value={row.costUsd} /> },
  { key: 'tokens', name: texts.columns.tokens, value: (row) => row.tokens, cell: (row) => <Tokens value={row.tokens} /> },
  { key: 'requests', name: texts.columns.requests, value: (row) => row.requests, cell: (row) => formatCount(row.requests), spare: true },
  { key: 'sessions', name: texts.columns.sessions, value: (row) => row.sessions, cell: (row) => formatCount(row.sessions), spare: true },
  {
    key: 'active',
    name: texts.columns.active,
    help: texts.activeHelp,
    value: (row) => row.activeSeconds,
    cell: (row) => formatDuration(row.activeSeconds),
    spare: true,
  },
  { key: 'calls', name: texts.columns.calls, value: (row) => row.toolCalls, cell: (row) => formatCount(row.toolCalls), spare: true },
  {
    key: 'lines',
    name: texts.columns.lines,
    help: texts.linesHelp,
    value: (row) => row.lines,
    cell: (row) => formatCount(row.lines),
    spare: true,
  },
  { key: 'commits', name: texts.columns.commits, value: (row) => row.commits, cell: (row) => formatCount(row.commits), spare: true },
];
