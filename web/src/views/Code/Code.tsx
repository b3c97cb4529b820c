import { Show } from 'solid-js';
import { ChartPanel } from '../../charts/ChartPanel.tsx';
import { courseOf } from '../../charts/options/forms.ts';
import { labelTitle } from '../../format/labels.ts';
import { formatCount, formatUsd, formatUsdExact } from '../../format/number.ts';
import { COUNT } from '../../format/units.ts';
import { type CodeNumbers, type CodeRow, isEmptyCode, loadCode, perPiece } from '../../store/code.ts';
import { code as texts } from '../../texts/work.ts';
import { type Column, TablePanel } from '../../ui/DataTable.tsx';
import { Count, Usd } from '../../ui/Figures.tsx';
import { Name } from '../../ui/NamesPanel.tsx';
import { NumbersView } from '../../ui/NumbersView.tsx';
import { changeOf, type TotalFigure, Totals } from '../../ui/Totals.tsx';

/** What was written: lines, languages, commits, pull requests, and what they cost. */
export default function Code() {
  return (
    <NumbersView
      name={texts.name}
      question={(state) => ({ range: state.range, filters: state.filters })}
      load={loadCode}
      isEmpty={isEmptyCode}
      nothing={texts.nothing}
      filters={['project', 'host']}
    >
      {({ numbers, nowSeconds }) => (
        <>
          <Totals figures={figuresOf(numbers())} />
          <div class="grid">
            <ChartPanel
              title={texts.lines}
              class="panel-half"
              stack={numbers().lines}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().lines.total} />}
            />
            <ChartPanel
              title={texts.byLanguage}
              class="panel-half"
              stack={numbers().languagesOverTime}
              format={COUNT}
              nowSeconds={nowSeconds()}
            />
            <TablePanel
              title={texts.languages}
              class="panel-half"
              label={texts.language}
              rows={numbers().languages}
              columns={lineColumns()}
              main="added"
              keyOf={(row) => row.name}
              name={(row) => <span>{row.name}</span>}
              queries={[numbers().queries.languages]}
              figure={<Count value={numbers().languages.length} />}
            />
            <TablePanel
              title={texts.projects}
              class="panel-half"
              label={texts.project}
              rows={numbers().projects}
              columns={[
                ...lineColumns<CodeNumbers['projects'][number]>(),
                { key: 'commits', name: texts.commits, value: (row) => row.commits, cell: (row) => formatCount(row.commits) },
                {
                  key: 'cost',
                  name: texts.perCommit,
                  value: (row) => perPiece(row.costUsd, row.commits),
                  cell: (row) => (row.commits === 0 ? <span class="quiet">–</span> : <Usd value={row.costUsd / row.commits} />),
                  spare: true,
                },
                {
                  key: 'hundred',
                  name: texts.perHundredColumn,
                  help: texts.perHundred,
                  value: (row) => perPiece(row.costUsd * 100, row.added + row.removed),
                  cell: (row) => {
                    const cost = perPiece(row.costUsd * 100, row.added + row.removed);
                    return cost === null ? <span class="quiet">–</span> : <Usd value={cost} />;
                  },
                  spare: true,
                },
              ]}
              main="added"
              keyOf={(row) => row.name}
              text={(row) => labelTitle('project', row.name)}
              name={(row) => <Name label="project" name={row.name} slots={numbers().slots.project} />}
              queries={numbers().queries.projects}
              figure={<Count value={numbers().projects.length} />}
            />
            <ChartPanel
              title={texts.commits}
              class="panel-half"
              stack={numbers().commits}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().totals.commits} />}
            />
            <ChartPanel
              title={texts.pullRequests}
              class="panel-half"
              stack={numbers().pullRequests}
              format={COUNT}
              nowSeconds={nowSeconds()}
              figure={<Count value={numbers().totals.pullRequests} />}
            />
            <Show when={numbers().kept.layers.length > 0}>
              <ChartPanel
                title={texts.kept}
                class="panel-full"
                stack={numbers().kept}
                format={COUNT}
                nowSeconds={nowSeconds()}
                figure={<span class="quiet">{texts.keptFigure}</span>}
              />
            </Show>
          </div>
          <p class="view-note">{texts.note}</p>
        </>
      )}
    </NumbersView>
  );
}

function lineColumns<Row extends CodeRow>(): Column<Row>[] {
  return [
    { key: 'added', name: texts.added, value: (row) => row.added, cell: (row) => <span class="added">+{formatCount(row.added)}</span> },
    {
      key: 'removed',
      name: texts.removed,
      value: (row) => row.removed,
      cell: (row) => <span class="removed">−{formatCount(row.removed)}</span>,
    },
  ];
}

function figuresOf({ totals, before, files, queries, commits, lines: linesOver }: CodeNumbers): TotalFigure[] {
  const lines = totals.added + totals.removed;
  const perCommit = perPiece(totals.costUsd, totals.commits);
  const perHundred = perPiece(totals.costUsd * 100, lines);
  const beforeLines = before ? before.added + before.removed : 0;
  return [
    {
      name: texts.linesAdded,
      number: totals.added,
      value: formatCount(totals.added),
      exact: texts.linesExact(formatCount(totals.added), formatCount(totals.removed)),
      about: texts.linesAbout,
      queries: [queries.lines],
      course: courseOf(linesOver),
      sub: texts.removedSub(formatCount(totals.removed)),
      change: changeOf(totals.added, before?.added, formatCount),
    },
    {
      name: texts.commits,
      number: totals.commits,
      value: formatCount(totals.commits),
      exact: texts.commitsExact(formatCount(totals.commits)),
      about: texts.commitsAbout,
      queries: [commits.query],
      course: courseOf(commits),
      sub: texts.commitsSub(formatCount(totals.pullRequests)),
      change: changeOf(totals.commits, before?.commits, formatCount),
    },
    {
      name: texts.perCommit,
      number: perCommit,
      value: perCommit === null ? '–' : formatUsd(perCommit),
      exact: perCommit === null ? texts.noCommit : texts.perCommitExact(formatUsdExact(totals.costUsd), formatCount(totals.commits)),
      sub: texts.perCommitSub,
      about: texts.perCommitAbout,
      queries: [queries.cost, commits.query],
      change: perCommit === null ? null : changeOf(perCommit, before && perPiece(before.costUsd, before.commits), formatUsdExact),
    },
    {
      name: texts.perHundred,
      number: perHundred,
      value: perHundred === null ? '–' : formatUsd(perHundred),
      exact: perHundred === null ? texts.noLine : texts.perHundredExact(formatUsdExact(totals.costUsd), formatCount(lines)),
      sub: texts.perHundredSub,
      about: texts.perHundredAbout,
      queries: [queries.cost, queries.lines],
      change: perHundred === null ? null : changeOf(perHundred, before && perPiece(before.costUsd * 100, beforeLines), formatUsdExact),
    },
    {
      name: texts.files,
      number: files.changed,
      value: formatCount(files.changed),
      exact: texts.filesExact(formatCount(files.changed), formatCount(files.versions)),
      sub: texts.filesSub(formatCount(files.versions)),
      about: texts.filesAbout,
    },
  ];
}
