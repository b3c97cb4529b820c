import type { CheckStatus, Finding, Look, Patient } from './finding.ts';
import { failure, messageOf } from './finding.ts';
import { lookAtTranscripts, lookAtWatching } from './look-at-files.ts';
import { lookAtKey, lookAtLag, lookAtLedger } from './look-at-ledger.ts';
import { lookAtClocks, lookAtEvents, lookAtExporter, lookAtOtlp, lookAtRemoteWrite } from './look-at-sinks.ts';
import { lookAtOptions } from './options-in-force.ts';

/** One look, with how long it took. */
export interface Check extends Finding {
  id: string;
  title: string;
  latencyMs: number;
}

/** All looks. */
export interface Diagnosis {
  status: Exclude<CheckStatus, 'unknown'>;
  /** RFC 3339. */
  checkedAt: string;
  checks: Check[];
}

/** In the order of the pipeline. */
const LOOKS: { id: string; title: string; look: Look }[] = [
  { id: 'files', title: 'Transcripts can be read', look: lookAtTranscripts },
  { id: 'watch', title: 'Changes are heard of', look: lookAtWatching },
  { id: 'ledger', title: 'The ledger is well', look: lookAtLedger },
  { id: 'lag', title: 'Everything has been read', look: lookAtLag },
  { id: 'exporter', title: 'An exporter runs', look: lookAtExporter },
  { id: 'key', title: 'There is a key', look: lookAtKey },
  { id: 'events', title: 'The API takes events', look: lookAtEvents },
  { id: 'remote_write', title: 'Remote write is taken', look: lookAtRemoteWrite },
  { id: 'otlp', title: 'The collector takes OTLP', look: lookAtOtlp },
  { id: 'clock', title: 'Clocks agree', look: lookAtClocks },
  { id: 'options', title: 'Variables are known', look: lookAtOptions },
];

/** Looks at everything, one after the other, so that the times mean something. */
export async function examine(patient: Patient): Promise<Diagnosis> {
  const checks: Check[] = [];
  for (const { id, title, look } of LOOKS) {
    const begun = performance.now();
    const finding = await look(patient).catch((error: unknown) => failure(`${messageOf(error)}.`, 'Nothing more is known.'));
    checks.push({ id, title, ...finding, latencyMs: Math.round((performance.now() - begun) * 10) / 10 });
  }
  return { status: worstOf(checks), checkedAt: new Date(patient.now()).toISOString(), checks };
}

function worstOf(checks: readonly Finding[]): Diagnosis['status'] {
  const has = (status: CheckStatus) => checks.some((one) => one.status === status);
  return has('failure') ? 'failure' : has('warning') ? 'warning' : 'ok';
}
