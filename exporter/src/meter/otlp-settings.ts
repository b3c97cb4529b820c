/** What the `OTEL_*` variables ask for. */
export interface OtlpSettings {
  /** Names the time series database behind the collector, as the ledger knows it. */
  sink: string;
  /** The collector, as logs may show it. */
  shown: string;
  intervalMs: number;
  timeoutMs: number;
}

type Environment = Record<string, string | undefined>;

/**
 * Reads the variables that the SDK packages leave to the program; endpoint, headers, certificates, compression and
 * resource attributes they read themselves; CCMETER_OTLP_ID is our own. Gives back undefined where nothing asks for OTLP, and the mistake where
 * a value does not fit.
 *
 * Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function readOtlpSettings(env: Environment): OtlpSettings | undefined | { mistake: string } {
  const endpoint = env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const exporters = (env.OTEL_METRICS_EXPORTER ?? '').split(',').map((name) => name.trim());
  // A variable that is set to nothing is as good as not set.
  const asked = exporters.includes('otlp') || (Boolean(endpoint) && !exporters.includes('none'));
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || !asked) return undefined;
  const protocol = env.OTEL_EXPORTER_OTLP_METRICS_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL || 'grpc';
  if (protocol !== 'grpc') return { mistake: `OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}; this exporter sends grpc` };
  const preference = env.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE?.toLowerCase() || 'cumulative';
  if (preference !== 'cumulative') {
    return { mistake: `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE is ${preference}; this exporter's totals are cumulative` };
  }
  const intervalMs = readMs(env.OTEL_METRIC_EXPORT_INTERVAL, 60_000);
  const timeoutMs = readMs(env.OTEL_METRIC_EXPORT_TIMEOUT, 30_000);
  if (intervalMs === undefined)
    return { mistake: `OTEL_METRIC_EXPORT_INTERVAL is ${env.OTEL_METRIC_EXPORT_INTERVAL}; it wants milliseconds` };
  if (timeoutMs === undefined) return { mistake: `OTEL_METRIC_EXPORT_TIMEOUT is ${env.OTEL_METRIC_EXPORT_TIMEOUT}; it wants milliseconds` };
  const address = endpoint || 'http://localhost:4317';
  return {
    sink: `otlp ${address} ${env.CCMETER_OTLP_ID || 'default'}`,
    shown: URL.canParse(address) ? new URL(address).host : address,
    intervalMs,
    timeoutMs: Math.min(timeoutMs, intervalMs),
  };
}

function readMs(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined || text === '') return otherwise;
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
