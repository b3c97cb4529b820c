import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { labelText, labelTitle } from '../../format/labels.ts';
import { formatCount, formatUsd, formatUsdExact } from '../../format/number.ts';
import { COUNT } from '../../format/units.ts';
import { type CodeNumbers, type CodeRow, isEmptyCode, loadCode, perPiece } from '../../store/code.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count, Usd } from '../../ui/Figures.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { changeOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

/** What was written: lines, languages, commits, pull requests, and what they cost. */
export default function Code() {
  return (
    <NumbersView
      name="Code"
      question={(state) => ({ range: state.range, filters: state.filters })}
      load={loadCode}
      isEmpty={isEmptyCode}
      nothing="No code was written in this time"
      filters={['project', 'host']}
    >
      {({ numbers, nowSeconds }) => (
        <>
          <Totals figures={figuresOf(numbers())} />
          <div class="grid">
            <ChartPanel
              title="Lines changed"
              class="panel-half"
              stack={numbers().lines}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().lines.total} />}
            />
            <ChartPanel
              title="By language"
              class="panel-half"
              stack={numbers().languagesOverTime}
              format={COUNT}
              nowSeconds={nowSeconds()}
            />
            <TablePanel
              title="Languages"
              class="panel-half"
              label="Language"
              rows={numbers().languages}
              columns={lineColumns()}
              main="added"
              keyOf={(row) => row.name}
              name={(row) => <span>{row.name}</span>}
              queries={[numbers().queries.languages]}
              figure={<Count value={numbers().languages.length} />}
            />
            <TablePanel
              title="Projects"
              class="panel-half"
              label="Project"
              rows={numbers().projects}
              columns={[
                ...lineColumns<CodeNumbers['projects'][number]>(),
                { key: 'commits', name: 'Commits', value: (row) => row.commits, cell: (row) => formatCount(row.commits) },
                {
                  key: 'cost',
                  name: 'Cost a commit',
                  value: (row) => perPiece(row.costUsd, row.commits),
                  cell: (row) => (row.commits === 0 ? <span class="quiet">–</span> : <Usd value={row.costUsd / row.commits} />),
                  spare: true,
                },
              ]}
              main="added"
              keyOf={(row) => row.name}
              text={(row) => labelTitle('project', row.name)}
              name={(row) => <span title={labelTitle('project', row.name)}>{labelText('project', row.name)}</span>}
              queries={numbers().queries.projects}
              figure={<Count value={numbers().projects.length} />}
            />
            <ChartPanel
              title="Commits"
              class="panel-half"
              stack={numbers().commits}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().totals.commits} />}
            />
            <ChartPanel
              title="Pull requests"
              class="panel-half"
              stack={numbers().pullRequests}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().totals.pullRequests} />}
            />
          </div>
          <p class="view-note">
            Lines are those of edits that Claude Code made with its editing tools; commits and pull requests those that it made itself. What
            was changed by hand or by a script is not seen.
          </p>
        </>
      )}
    </NumbersView>
  );
}

function lineColumns<Row extends CodeRow>(): Column<Row>[] {
  return [
    { key: 'added', name: 'Added', value: (row) => row.added, cell: (row) => <span class="added">+{formatCount(row.added)}</span> },
    {
      key: 'removed',
      name: 'Removed',
      value: (row) => row.removed,
      cell: (row) => <span class="removed">−{formatCount(row.removed)}</span>,
    },
  ];
}

function figuresOf({ totals, before }: CodeNumbers): TotalFigure[] {
  const lines = totals.added + totals.removed;
  const perCommit = perPiece(totals.costUsd, totals.commits);
  const perHundred = perPiece(totals.costUsd * 100, lines);
  const beforeLines = before ? before.added + before.removed : 0;
  return [
    {
      name: 'Lines added',
      number: totals.added,
      value: formatCount(totals.added),
      exact: `${formatCount(totals.added)} lines added, ${formatCount(totals.removed)} removed`,
      sub: `${formatCount(totals.removed)} removed`,
      change: changeOf(totals.added, before?.added, formatCount),
    },
    {
      name: 'Commits',
      number: totals.commits,
      value: formatCount(totals.commits),
      exact: `${formatCount(totals.commits)} commits made by Claude Code`,
      sub: `${formatCount(totals.pullRequests)} pull requests`,
      change: changeOf(totals.commits, before?.commits, formatCount),
    },
    {
      name: 'Cost a commit',
      number: perCommit,
      value: perCommit === null ? '–' : formatUsd(perCommit),
      exact:
        perCommit === null ? 'No commit in this time' : `${formatUsdExact(totals.costUsd)} over ${formatCount(totals.commits)} commits`,
      sub: 'all cost of the range over its commits',
      change: perCommit === null ? null : changeOf(perCommit, before && perPiece(before.costUsd, before.commits), formatUsdExact),
    },
    {
      name: 'Cost of 100 lines',
      number: perHundred,
      value: perHundred === null ? '–' : formatUsd(perHundred),
      exact:
        perHundred === null
          ? 'No line in this time'
          : `${formatUsdExact(totals.costUsd)} over ${formatCount(lines)} lines added or removed`,
      sub: 'added or removed',
      change: perHundred === null ? null : changeOf(perHundred, before && perPiece(before.costUsd * 100, beforeLines), formatUsdExact),
    },
  ];
}
