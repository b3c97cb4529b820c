import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { native } from './native.ts';
import { overview } from './overview.ts';
import type { Dashboard, Panel } from './panel.ts';
import { pipeline } from './pipeline.ts';
import { sessionsAndTools } from './sessions-and-tools.ts';
import { tokensAndCost } from './tokens-and-cost.ts';

export const dashboards: readonly Dashboard[] = [overview, tokensAndCost, sessionsAndTools, pipeline, native];

const SOURCE = { type: 'prometheus', uid: '$datasource' };
const COLUMNS = 24;

/** A dashboard in Grafana's classic JSON, which every Grafana since 9 takes by file, by import and from grafana.com. */
export function dashboardJson(dashboard: Dashboard): string {
  const builder = new DashboardBuilder(dashboard.title)
    .uid(dashboard.uid)
    .description(dashboard.description)
    .tags(['ccmeter', 'claude-code'])
    .time({ from: 'now-7d/m', to: 'now/m' })
    .refresh('1m')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Claude Code')
        .type(DashboardLinkType.Dashboards)
        .tags(['ccmeter'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  for (const { name, of } of dashboard.variables) builder.withVariable(chooseLabel(name, of));
  for (const row of dashboard.rows) {
    builder.withRow(new RowBuilder(row.title));
    for (const panel of row.panels)
      builder.withPanel(
        toPanel(panel)
          .height(panel.kind === 'stat' ? 4 : 8)
          .span(Math.min(panel.width, COLUMNS)),
      );
  }
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

function chooseLabel(name: string, metric: string) {
  return new QueryVariableBuilder(name)
    .label(name.replaceAll('_', ' '))
    .datasource(SOURCE)
    .query({ query: `label_values(${metric}, ${name})`, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*');
}

function toPanel(panel: Panel) {
  const over = panel.kind === 'bars' || panel.kind === 'lines';
  const builder = over ? overTime(panel) : panel.kind === 'stat' ? oneNumber() : manyNumbers();
  builder.title(panel.title).description(panel.description).unit(panel.unit).datasource(SOURCE).interval('1m').noValue('0');
  panel.queries.forEach(({ expr, legend }, at) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + at))
      .expr(expr)
      .legendFormat(legend)
      .format(PromQueryFormat.TimeSeries);
    builder.withTarget(over ? query.range() : query.instant());
  });
  return builder;
}

function overTime({ kind }: Panel) {
  const builder = new timeseries.PanelBuilder().legend(
    new common.VizLegendOptionsBuilder()
      .showLegend(true)
      .displayMode(common.LegendDisplayMode.List)
      .placement(common.LegendPlacement.Bottom)
      .calcs(kind === 'bars' ? ['sum'] : ['lastNotNull']),
  );
  if (kind === 'lines') return builder.lineWidth(1).fillOpacity(5).showPoints(common.VisibilityMode.Never);
  return builder
    .drawStyle(common.GraphDrawStyle.Bars)
    .fillOpacity(80)
    .lineWidth(0)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
}

function oneNumber() {
  return new stat.PanelBuilder()
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(common.BigValueColorMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}

function manyNumbers() {
  return new bargauge.PanelBuilder()
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}
