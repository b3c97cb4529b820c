import { chosen, type Dashboard, HOST, now, panel, perSecond } from './panel.ts';

/** Whether the numbers can be trusted: exporters, collector, Prometheus. */
export const pipeline: Dashboard = {
  uid: 'ccmeter-pipeline',
  title: 'Claude Code: exporter and pipeline health',
  description: 'Is everything read, sent and kept?',
  variables: [HOST],
  rows: [
    {
      title: 'Exporters',
      panels: [
        panel(
          'Last heard of',
          'table',
          'ccmeter_exporter_build_info',
          [
            {
              expr: `time() - max by (host, version) (timestamp(${chosen('ccmeter_exporter_build_info')}))`,
              legend: '{{host}} {{version}}',
            },
          ],
          { unit: 's', width: 8 },
        ),
        panel('Ready', 'table', 'ccmeter_exporter_ready', [{ expr: now('ccmeter_exporter_ready', ['host']), legend: '{{host}}' }], {
          unit: 'bool',
          width: 8,
        }),
        panel('Series', 'table', 'ccmeter_exporter_series', [{ expr: now('ccmeter_exporter_series', ['host']), legend: '{{host}}' }], {
          width: 8,
        }),
        panel('Bytes not read yet', 'lines', 'ccmeter_exporter_backlog_bytes', [
          { expr: now('ccmeter_exporter_backlog_bytes', ['host']), legend: '{{host}}' },
        ]),
        panel(
          'Bytes read in a second',
          'lines',
          'ccmeter_exporter_read_bytes_total',
          [{ expr: perSecond('ccmeter_exporter_read_bytes_total', ['host']), legend: '{{host}}' }],
          { unit: 'Bps' },
        ),
        panel('Lines that cannot be read', 'lines', 'ccmeter_exporter_unreadable_lines_total', [
          {
            expr: `sum by (host, reason) (increase(${chosen('ccmeter_exporter_unreadable_lines_total')}[$__rate_interval]))`,
            legend: '{{host}} {{reason}}',
          },
        ]),
        panel('Until transcripts are deleted', 'lines', 'ccmeter_history_deletion_timestamp_seconds', [
          { expr: `${chosen('ccmeter_history_deletion_timestamp_seconds')} - time()`, legend: '{{host}}' },
        ]),
      ],
    },
    {
      title: 'Sending',
      panels: [
        panel(
          'Samples that wait',
          'lines',
          'ccmeter_exporter_pending_samples',
          [{ expr: now('ccmeter_exporter_pending_samples', ['host', 'sink']), legend: '{{host}} {{sink}}' }],
          { width: 8 },
        ),
        panel(
          'Events that wait',
          'lines',
          'ccmeter_exporter_outbox_events',
          [{ expr: now('ccmeter_exporter_outbox_events', ['host']), legend: '{{host}}' }],
          { width: 8 },
        ),
        panel(
          'Exports',
          'lines',
          'ccmeter_exporter_exports_total',
          [
            {
              expr: `sum by (sink, result) (increase(${chosen('ccmeter_exporter_exports_total')}[$__rate_interval]))`,
              legend: '{{sink}} {{result}}',
            },
          ],
          { width: 8 },
        ),
      ],
    },
    {
      title: 'Collector and Prometheus',
      panels: [
        {
          title: 'Parts that answer',
          kind: 'table',
          unit: 'bool',
          description: 'What Prometheus scrapes of the stack itself.',
          queries: [{ expr: 'sum by (job) (up)', legend: '{{job}}' }],
          width: 6,
        },
        {
          title: 'Points taken in by the collector',
          kind: 'lines',
          unit: 'short',
          description: 'Metric points a second, and those refused.',
          queries: [
            { expr: 'sum(rate(otelcol_receiver_accepted_metric_points[$__rate_interval]))', legend: 'accepted' },
            { expr: 'sum(rate(otelcol_receiver_refused_metric_points[$__rate_interval]))', legend: 'refused' },
          ],
          width: 6,
        },
        {
          title: 'Queue of the collector',
          kind: 'lines',
          unit: 'percentunit',
          description: 'How full it is. When it is full, senders are refused and try again.',
          queries: [{ expr: 'max by (exporter) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity)', legend: '{{exporter}}' }],
          width: 6,
        },
        {
          title: 'Series in Prometheus',
          kind: 'lines',
          unit: 'short',
          description: 'Series in the head of the database, of everything that it keeps.',
          queries: [{ expr: 'sum(prometheus_tsdb_head_series)', legend: 'series' }],
          width: 6,
        },
      ],
    },
  ],
};
