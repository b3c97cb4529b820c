import { ExportResultCode } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { emptyResource } from '@opentelemetry/resources';

/** Sends a message without metrics, as the variables say, and gives back what went wrong. */
export async function sendNothing(timeoutMs: number): Promise<string | undefined> {
  const exporter = new OTLPMetricExporter({ timeoutMillis: timeoutMs });
  try {
    return await new Promise<string | undefined>((resolve) => {
      exporter.export({ resource: emptyResource(), scopeMetrics: [] }, ({ code, error }) =>
        resolve(code === ExportResultCode.SUCCESS ? undefined : (error?.message ?? 'it failed')),
      );
    });
  } finally {
    await exporter.shutdown();
  }
}
