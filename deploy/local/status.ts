/** What the exporter says of itself at `/-/status`; numbers that are not there are 0. */
export interface Status {
  phase: string;
  files: number;
  filesRead: number;
  bytes: number;
  bytesRead: number;
  bytesPerSecond: number;
  sessions: number;
  tokens: number;
  historyStartMs: number;
  pendingSamples: number;
  publicKey: string;
  claudeDirs: string[];
}

/** Asks the exporter; undefined while it does not answer. */
export async function readStatus(exporterUrl: string): Promise<Status | undefined> {
  const response = await fetch(`${exporterUrl}/-/status`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  if (!response?.ok) return undefined;
  const body: unknown = await response.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? toStatus(Object.fromEntries(Object.entries(body))) : undefined;
}

function toStatus(body: Record<string, unknown>): Status {
  const number = (name: string): number => (typeof body[name] === 'number' ? body[name] : 0);
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
  return {
    phase: text('phase'),
    files: number('files'),
    filesRead: number('filesRead'),
    bytes: number('bytes'),
    bytesRead: number('bytesRead'),
    bytesPerSecond: number('bytesPerSecond'),
    sessions: number('sessions'),
    tokens: number('tokens'),
    historyStartMs: number('historyStartMs'),
    pendingSamples: number('pendingSamples'),
    publicKey: text('publicKey'),
    claudeDirs: Array.isArray(body.claudeDirs) ? body.claudeDirs.filter((entry) => typeof entry === 'string') : [],
  };
}

/** "Reading 120 of 480 transcripts, 31 of 242 MB, 84 MB/s, 3 s left". */
export function describeScan(status: Status): string {
  const left = status.bytesPerSecond > 0 ? Math.ceil((status.bytes - status.bytesRead) / status.bytesPerSecond) : undefined;
  return [
    `Reading ${status.filesRead} of ${status.files} transcripts`,
    `${megabytes(status.bytesRead)} of ${megabytes(status.bytes)} MB`,
    `${megabytes(status.bytesPerSecond)} MB/s`,
    ...(left === undefined ? [] : [`${left} s left`]),
  ].join(', ');
}

/** "412 sessions, 1.2 B tokens, since 2025-09-03". */
export function describeFindings(status: Status): string {
  const parts = [
    `${status.sessions.toLocaleString('en')} ${status.sessions === 1 ? 'session' : 'sessions'}`,
    `${compact(status.tokens)} tokens`,
  ];
  if (status.historyStartMs > 0) parts.push(`since ${localDate(new Date(status.historyStartMs))}`);
  return parts.join(', ');
}

const STEPS = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

function compact(count: number): string {
  const step = STEPS.find(([size]) => count >= size);
  return step ? `${(count / step[0]).toFixed(1)} ${step[1]}` : String(count);
}

function localDate(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
