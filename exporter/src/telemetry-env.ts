/** Shells that `telemetry-env` speaks. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

export interface TelemetryWish {
  shell: Shell;
  /** Where a collector takes OTLP over gRPC. */
  endpoint: string;
  /** The bearer token that the collector wants, where it wants one. */
  token: string | undefined;
}

/**
 * The variables that make Claude Code send its own telemetry to a collector of ours, as commands of a shell.
 *
 * Source: the page “Monitoring usage” of Claude Code's documentation, read in August 2026.
 */
export function telemetryEnvironment({ shell, endpoint, token }: TelemetryWish): string {
  const variables: [name: string, value: string][] = [
    ['CLAUDE_CODE_ENABLE_TELEMETRY', '1'],
    ['OTEL_METRICS_EXPORTER', 'otlp'],
    // There is no default: without it nothing is sent.
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', endpoint],
    // The default is delta. The collector takes both, but totals need no memory of it, so that its restart loses nothing.
    ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'cumulative'],
    ...(token === undefined ? [] : [['OTEL_EXPORTER_OTLP_HEADERS', `authorization=Bearer ${token}`] as [string, string]]),
  ];
  return `${variables.map(([name, value]) => assign[shell](name, value)).join('\n')}\n`;
}

const posix = (name: string, value: string) => `export ${name}='${value.replaceAll("'", "'\\''")}'`;

const assign: Record<Shell, (name: string, value: string) => string> = {
  bash: posix,
  zsh: posix,
  fish: (name, value) => `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  powershell: (name, value) => `$Env:${name} = '${value.replaceAll("'", "''")}'`,
};

/** The shell that a user most likely has. */
export function guessShell(platform: NodeJS.Platform, shellPath: string | undefined): Shell {
  if (platform === 'win32') return 'powershell';
  return SHELLS.find((shell) => shellPath?.endsWith(`/${shell}`)) ?? 'bash';
}
