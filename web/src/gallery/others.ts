import type { Activity, Diagnosis, Health, PrometheusFacts, Sources } from '../api/client.ts';
import { GALLERY_NOW_MS } from './now.ts';

const at = (backMs: number) => new Date(GALLERY_NOW_MS - backMs).toISOString();
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export function health(reachable: boolean): Health {
  const prometheus = {
    reachable,
    version: reachable ? '3.5.0' : null,
    error: reachable ? null : 'http://127.0.0.1:10056: connection refused',
  };
  return {
    status: reachable ? 'ok' : 'degraded',
    version: '0.1.0',
    uptimeSeconds: 60,
    prometheus,
    events: { stored: 1, clients: 1, lastReceivedAt: null },
  };
}

type Check = Diagnosis['checks'][number];

function check(id: string, title: string, status: Check['status'], found: string, remedy: string | null = null): Check {
  return { id, title, status, found, remedy, latencyMs: 3 };
}

/** What the doctor says of a pipeline in which not all is well. */
export function diagnosis(): Diagnosis {
  return {
    status: 'warning',
    checkedAt: at(0),
    checks: [
      check('exporter', 'Exporter', 'ok', 'Has read 1,595 transcripts and is ready.'),
      check('prometheus', 'Prometheus', 'ok', 'Version 3.5.0 answers.'),
      check('samples', 'Newest sample', 'warning', 'The newest sample is 95 seconds old.', 'Look at the log of the exporter on build-01.'),
      check('events', 'Events', 'ok', 'The last event came 6 seconds ago.'),
      check('clock', 'Clocks', 'unknown', 'No event came since the start.'),
    ],
  };
}

export function selfTest(): Diagnosis {
  return {
    status: 'ok',
    checkedAt: at(0),
    checks: [
      check('open', 'A stream opens', 'ok', 'It is open.'),
      check('transcript', 'A transcript is read and counted', 'ok', 'From the line on disk to /metrics.'),
      check('stream', 'The stream tells them', 'ok', 'From sending to the listener.'),
    ],
  };
}

export function prometheusFacts(): PrometheusFacts {
  return {
    version: '3.5.0',
    startedAt: at(3 * DAY_MS),
    retention: '10y',
    head: { series: 1052, appendedSamples: 9_322_011 },
    storageBytes: 31_230_677,
    memoryBytes: 92_757_248,
    reload: { ok: true, at: at(3 * DAY_MS) },
    corruptions: 0,
    largest: [
      { name: 'ccmeter_tool_duration_seconds_bucket', series: 184 },
      { name: 'ccmeter_tokens_total', series: 140 },
    ],
  };
}

export function sources(): Sources {
  return {
    start: (GALLERY_NOW_MS - DAY_MS) / 1000,
    end: GALLERY_NOW_MS / 1000,
    numbers: [
      { name: 'tokens', own: 29_328_560, native: 28_911_020 },
      { name: 'cost', own: 14.36, native: 14.11 },
      { name: 'sessions', own: 7, native: 6 },
      { name: 'lines', own: 1275, native: 1275 },
      { name: 'commits', own: 5, native: null },
    ],
  };
}

export function activity(): Activity {
  return { peak: { at: at(52 * MINUTE_MS), sessions: 4 }, files: { changed: 31, versions: 88 } };
}
