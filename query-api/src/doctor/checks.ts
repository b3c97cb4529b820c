import { readDuration } from '../promql/guard.ts';
import { exporterNowQuery, historyStartQuery, prometheusNowQuery } from '../promql/queries.ts';
import type { Upstream } from '../upstream/prometheus.ts';

/** How a hop of the pipeline is; `unknown` where it cannot be seen from here. */
export type CheckStatus = 'ok' | 'warning' | 'failure' | 'unknown';

/** What was found at one hop, and what to do about it. */
export interface Finding {
  status: CheckStatus;
  found: string;
  /** In words, for a person; null where there is nothing to do. */
  remedy: string | null;
}

/** One hop. */
export interface Check extends Finding {
  id: string;
  title: string;
  /** Milliseconds it took to find out; null where nothing was asked. */
  latencyMs: number | null;
}

/** All hops. */
export interface Diagnosis {
  status: Exclude<CheckStatus, 'unknown'>;
  /** RFC 3339. */
  checkedAt: string;
  checks: Check[];
}

/** What the doctor looks at. */
export interface Patient {
  upstream: Upstream;
  /** Where the exporter answers; empty where there is none here. */
  exporterUrl: string;
  fetch: typeof fetch;
  /** Milliseconds since 1970. */
  now(): number;
  /** What is known of incoming events. Throws with the reason where that cannot be told. */
  events(signal: AbortSignal): Promise<{ stored: number; lastReceivedMs: number | null }>;
}

type Look = (patient: Patient, signal: AbortSignal) => Promise<Finding>;

/** A machine's clock may differ this much before minutes are counted in another minute than they happened. */
const SKEW_WARNING_SECONDS = 5;
const SKEW_FAILURE_SECONDS = 60;

/** The exporter writes its own gauges every 30 seconds. */
const FRESH_SECONDS = 120;

/** Shorter than what the dashboard offers is too short. */
const RETENTION_SECONDS = 90 * 86_400;

/** More than this that waits is more than what a moment brings. */
const WAITING_SAMPLES = 10_000;
const WAITING_EVENTS = 1000;

const EXPORTER_TIMEOUT_MS = 2000;
const MAX_STATUS_CHARACTERS = 64 * 1024;

/** Every hop, in the order of the pipeline. Those that need Prometheus are not looked at while it cannot be reached. */
const HOPS: { id: string; title: string; needsPrometheus: boolean; look: Look }[] = [
  { id: 'exporter', title: 'The exporter counts', needsPrometheus: false, look: lookAtExporter },
  { id: 'events', title: 'Events come in', needsPrometheus: false, look: lookAtEvents },
  { id: 'prometheus', title: 'Prometheus answers', needsPrometheus: false, look: lookAtPrometheus },
  { id: 'clock', title: 'Clocks agree', needsPrometheus: true, look: lookAtClock },
  { id: 'series', title: 'Our series are there and fresh', needsPrometheus: true, look: lookAtSeries },
  { id: 'writes', title: 'Prometheus takes what is sent, also late', needsPrometheus: true, look: lookAtWrites },
  { id: 'retention', title: 'Prometheus keeps it', needsPrometheus: true, look: lookAtRetention },
  { id: 'readers', title: 'Web sites cannot read Prometheus', needsPrometheus: true, look: lookAtReaders },
];

/** Looks at every hop. */
export async function examine(patient: Patient, signal: AbortSignal): Promise<Diagnosis> {
  const first = await Promise.all(HOPS.filter(({ needsPrometheus }) => !needsPrometheus).map((hop) => check(hop, patient, signal)));
  const reachable = first.some(({ id, status }) => id === 'prometheus' && status !== 'failure');
  const rest = HOPS.filter(({ needsPrometheus }) => needsPrometheus).map((hop) =>
    reachable ? check(hop, patient, signal) : { ...hop, ...unknown('Prometheus cannot be reached.'), latencyMs: null },
  );
  const checks = [...first, ...(await Promise.all(rest))].map(({ id, title, status, latencyMs, found, remedy }) => ({
    id,
    title,
    status,
    latencyMs,
    found,
    remedy,
  }));
  return { status: worstOf(checks), checkedAt: new Date(patient.now()).toISOString(), checks };
}

async function check({ id, title, look }: (typeof HOPS)[number], patient: Patient, signal: AbortSignal): Promise<Check> {
  const begun = performance.now();
  const finding = await look(patient, signal).catch((cause: unknown) =>
    failure(cause instanceof Error ? cause.message : String(cause), 'Look into the log of the query API.'),
  );
  return { id, title, ...finding, latencyMs: Math.round((performance.now() - begun) * 10) / 10 };
}

/** The worst of what was found; what cannot be seen is not bad. */
export function worstOf(checks: readonly Finding[]): Diagnosis['status'] {
  const has = (status: CheckStatus) => checks.some((one) => one.status === status);
  return has('failure') ? 'failure' : has('warning') ? 'warning' : 'ok';
}

async function lookAtExporter({ exporterUrl, fetch, now }: Patient, signal: AbortSignal): Promise<Finding> {
  if (exporterUrl === '') return unknown('No exporter is expected on this machine (--exporter-url none).');
  const start = 'Start it with `npm run exporter -- run`, or say where it is with --exporter-url (none where there is none).';
  let status: Record<string, unknown>;
  try {
    status = await readStatus(fetch, `${exporterUrl}/-/status`, AbortSignal.any([signal, AbortSignal.timeout(EXPORTER_TIMEOUT_MS)]));
  } catch (cause) {
    return failure(`Nothing answers as the exporter at ${exporterUrl} (${cause instanceof Error ? cause.message : cause}).`, start);
  }
  const [files, samples, events] = ['files', 'pendingSamples', 'outboxEvents'].map((name) => Number(status[name] ?? 0));
  if (status.phase !== 'ready')
    return warning(`It is still reading: ${status.filesRead} of ${files} transcripts.`, 'Wait until it has read them all.');
  if (files === 0) return warning('It finds no transcripts.', 'Name the directory of Claude Code with --claude-dir.');
  if ((samples ?? 0) > WAITING_SAMPLES)
    return warning(
      `${samples} samples wait to be sent.`,
      'Is --remote-write-url (or the OTLP endpoint) right, and does it accept? See ccmeter_exporter_exports_total.',
    );
  if ((events ?? 0) > WAITING_EVENTS)
    return warning(`${events} events wait to be sent.`, 'Is its --events-url right, and its key known here (--source-key)?');
  const since =
    typeof status.historyStartMs === 'number'
      ? `, since ${new Date(Math.min(status.historyStartMs, now())).toISOString().slice(0, 10)}`
      : '';
  return ok(`${files} transcripts, ${status.sessions} sessions${since}; nothing waits.`);
}

async function readStatus(fetcher: typeof fetch, url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await fetcher(url, { redirect: 'error', signal });
  const text = await response.text();
  if (!response.ok || text.length > MAX_STATUS_CHARACTERS) throw new Error(`status ${response.status}`);
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || typeof value.phase !== 'string') throw new Error('not its answer');
  return value;
}

async function lookAtEvents({ events, now }: Patient, signal: AbortSignal): Promise<Finding> {
  const { stored, lastReceivedMs } = await events(signal);
  if (lastReceivedMs === null && stored === 0)
    return warning(
      'No event has ever come in.',
      'Give the exporter --events-url with the address of this API and /events; with --source-key, its key has to be here.',
    );
  if (lastReceivedMs === null) return ok(`${stored} are stored; none since the start.`);
  return ok(`${stored} are stored; the last came ${ago((now() - lastReceivedMs) / 1000)} ago.`);
}

async function lookAtPrometheus({ upstream }: Patient, signal: AbortSignal): Promise<Finding> {
  try {
    const version = await upstream.version(signal);
    // Whether it answers questions is another matter than whether it is there.
    await upstream.instant(prometheusNowQuery(), undefined, signal);
    return ok(version === null ? 'It answers; it does not say its version.' : `Version ${version}.`);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    return failure(
      found,
      'Start it (`npm start` brings its own), or say where it is with --prometheus-url, and who we are with --prometheus-token-file.',
    );
  }
}

async function lookAtClock({ upstream, now }: Patient, signal: AbortSignal): Promise<Finding> {
  const before = now();
  const [sample] = await upstream.instant(prometheusNowQuery(), undefined, signal);
  if (sample === undefined) return unknown('Prometheus does not say what time it has.');
  // Its answer is from some moment in between.
  const skew = Math.abs(sample.value - (before + now()) / 2000) - (now() - before) / 2000;
  if (skew > SKEW_FAILURE_SECONDS)
    return failure(`They differ by ${ago(skew)}.`, 'Set the clocks by NTP: what happens now is written into another time.');
  if (skew > SKEW_WARNING_SECONDS)
    return warning(`They differ by ${ago(skew)}.`, 'Set the clocks by NTP: the current minute is not the same there.');
  return ok(`They differ by less than ${SKEW_WARNING_SECONDS} s.`);
}

async function lookAtSeries({ upstream, now }: Patient, signal: AbortSignal): Promise<Finding> {
  const [[history], [heartbeat]] = await Promise.all([
    upstream.instant(historyStartQuery(), undefined, signal),
    upstream.instant(exporterNowQuery(), undefined, signal),
  ]);
  const send = 'Is the exporter running, and does its --remote-write-url (or OTLP endpoint) lead to this Prometheus?';
  if (history === undefined && heartbeat === undefined) return failure('There are none.', send);
  if (heartbeat === undefined) return warning('There are some, but nothing new within five minutes.', send);
  const age = Math.max(0, now() / 1000 - heartbeat.value);
  return age > FRESH_SECONDS ? warning(`The newest sample is ${ago(age)} old.`, send) : ok(`The newest sample is ${ago(age)} old.`);
}

async function lookAtWrites({ upstream }: Patient, signal: AbortSignal): Promise<Finding> {
  const [flags, config] = [await seen(upstream, 'status/flags', signal), await seen(upstream, 'status/config', signal)];
  if (flags === undefined || config === undefined) return unknown('It does not tell how it is set up.');
  const receives = ['web.enable-remote-write-receiver', 'web.enable-otlp-receiver'].some((flag) => flags[flag] === 'true');
  const [, late] = /out_of_order_time_window:\s*(\S+)/.exec(String(config.yaml ?? '')) ?? [];
  if (!receives)
    return warning(
      'It takes nothing that is sent to it.',
      'Start it with --web.enable-remote-write-receiver, unless it scrapes the exporter.',
    );
  if (late === undefined || readDuration(late) === 0)
    return warning(
      'What comes late is refused, so history gets lost.',
      'Set storage.tsdb.out_of_order_time_window in its configuration, to 10y for instance.',
    );
  return ok(`It takes samples that are up to ${late} late.`);
}

async function lookAtRetention({ upstream }: Patient, signal: AbortSignal): Promise<Finding> {
  const info = await seen(upstream, 'status/runtimeinfo', signal);
  const [, time] = /^((?:\d+[a-z]+)+)/.exec(String(info?.storageRetention ?? '')) ?? [];
  if (time === undefined) return unknown('It does not tell.');
  if (readDuration(time) >= RETENTION_SECONDS) return ok(`For ${time}.`);
  return warning(`For ${time} only; the dashboard offers 90 days and all.`, 'Start it with --storage.tsdb.retention.time=10y.');
}

async function lookAtReaders({ upstream }: Patient, signal: AbortSignal): Promise<Finding> {
  const flags = await seen(upstream, 'status/flags', signal);
  const origin = flags?.['web.cors.origin'];
  if (origin === undefined) return unknown('It does not tell.');
  if (origin === '^$') return ok('No other origin is let in.');
  return warning(`Pages of any site that fits ${origin} can read everything in it.`, "Start it with --web.cors.origin='^$'.");
}

/** What Prometheus says of itself; undefined where it does not. */
async function seen(upstream: Upstream, path: string, signal: AbortSignal): Promise<Record<string, unknown> | undefined> {
  const data = await upstream.inspect(path, signal).catch(() => undefined);
  return isRecord(data) ? data : undefined;
}

function ago(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

export const ok = (found: string): Finding => ({ status: 'ok', found, remedy: null });
export const unknown = (found: string): Finding => ({ status: 'unknown', found, remedy: null });
const warning = (found: string, remedy: string): Finding => ({ status: 'warning', found, remedy });
export const failure = (found: string, remedy: string): Finding => ({ status: 'failure', found, remedy });

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
