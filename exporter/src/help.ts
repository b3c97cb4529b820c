import { variables } from './options.ts';

/** What every command ends with. */
export const EXIT_CODES = `Exit codes: 0 done; 1 done, and what was looked at is not well; 2 a wrong option, or it could not be done.`;

/** Variables of OpenTelemetry that `run` honours; most of them are read by its packages. */
export const OTEL_VARIABLES: Record<string, string> = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'send over OTLP gRPC to this collector (…_METRICS_ENDPOINT goes before it)',
  OTEL_METRICS_EXPORTER: 'otlp: send, by default to http://localhost:4317; none: do not',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc, and nothing else',
  OTEL_EXPORTER_OTLP_HEADERS: 'headers for the collector, as name=value,name=value',
  OTEL_EXPORTER_OTLP_TIMEOUT: 'of one request, milliseconds (default: 10000)',
  OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip or none (default: none)',
  OTEL_EXPORTER_OTLP_CERTIFICATE: 'file of the certificate to trust; with …_CLIENT_KEY and …_CLIENT_CERTIFICATE for our own',
  OTEL_EXPORTER_OTLP_INSECURE: 'true: no TLS where the endpoint names no scheme',
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'cumulative, and nothing else',
  OTEL_METRIC_EXPORT_INTERVAL: 'milliseconds between exports (default: 60000)',
  OTEL_METRIC_EXPORT_TIMEOUT: 'milliseconds that one may take (default: 30000)',
  OTEL_RESOURCE_ATTRIBUTES: 'attributes of the resource; service.instance.id stays ours',
  OTEL_SERVICE_NAME: 'the service.name (default: ccmeter)',
  OTEL_SDK_DISABLED: 'true: send nothing over OTLP',
  CCMETER_OTLP_ID: 'names the database behind the collector: a new name gets everything from the beginning (default: default)',
};

/** What follows the options of `run`. */
export const RUN_HELP = `
Variables without an option:
${listed(variables)}

Variables of OpenTelemetry (those of OTEL_EXPORTER_OTLP_… also as OTEL_EXPORTER_OTLP_METRICS_…):
${listed(OTEL_VARIABLES)}`;

/** What follows the options of `backfill`. */
export const BACKFILL_HELP = `
\`run\` writes history by itself, to each database once: a new --remote-write-id makes it do so again. This is for a database beside that
one, or one that has lost its data. It may run while the exporter does, and changes nothing in the ledger; what is there already stays
as it is. Broken off, by Ctrl-C too, the same command goes on where it ended.

Over OTLP where OTEL_EXPORTER_OTLP_ENDPOINT is set: the variables are those of \`run\`, as is CCMETER_REMOTE_WRITE_HEADERS.
Exit code 1: samples were refused, or it was stopped.`;

/** What follows the options of `ledger check`, which is `check` too. */
export const CHECK_HELP = `
Shows every thing that was counted beside the transcripts, and where each total comes from: things on disk, things that are gone from it,
what is carried from a ledger that was lost, and what is owed because later knowledge lowered a figure.
Exit code 1: something has not been counted, or a total is not the sum of what it comes from; the last lines say why.`;

/** What follows the options of `ledger vacuum`. */
export const VACUUM_HELP = `
Of the change log, which every new database is given, the first and the last sample of each series and minute are kept once they are a day
old: a range of whole minutes says the same without those between. Facts, totals and positions are kept, however old: without them a
transcript that comes back would be counted twice. Then the file is written anew without the room in it, which wants as much
room on the disk for a moment.

--drop-history loses something: a database that is new later gets the history from then on. Where no database is known nothing is dropped.
Ledgers that were found broken and put aside are named, not deleted.`;

/** What follows the options of `ledger export`. */
export const EXPORT_HELP = `
The file holds everything: facts, totals, positions, the change log, how far databases and events have got. It names paths of transcripts,
projects and session ids, and holds no text of yours. Its last line is a checksum of all others.`;

/** What follows the options of `ledger import`. */
export const IMPORT_HELP = `
All of the file is taken in or nothing. An empty state directory becomes the ledger that was exported, with its instance id, so that
databases go on where they were: do not go on with both. The same ledger, at an earlier or later time, gets what it lacks; what it has is not
counted twice, and no total falls. Another ledger is refused. The key of events (key.pem) is not in the file.`;

function listed(rows: Record<string, string>): string {
  return Object.entries(rows)
    .map(([name, text]) => `  ${name}\n      ${text}`)
    .join('\n');
}
