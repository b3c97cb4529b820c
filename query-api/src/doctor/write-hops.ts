import { hostname } from 'node:os';
import { type Check, failure, ok, unknown } from './checks.ts';
import { createHops, until } from './hops.ts';
import { encodeProbe, PROBE, type ProbeSample } from './probe.ts';
import type { SelfTestDeps, Visit } from './self-test.ts';

const LABELS = { job: 'ccmeter-api', instance: hostname() };
const WRITE = 'Prometheus takes a sample';
const QUESTION = 'A question finds it';

/** One sample of a series of our own, written, asked for, and ended. `why` says why it is left out. */
export async function passWriting(deps: SelfTestDeps, visit: Visit, why: string | undefined, signal: AbortSignal): Promise<Check[]> {
  const { checks, pass, leaveOut } = createHops(signal);
  const timeMs = deps.now();
  let left = why;
  if (left === undefined) {
    await pass('write', WRITE, 'Is --prometheus-write-url right?', async (until) => {
      const status = await post(deps, { timeMs, value: timeMs / 1000 }, until);
      if (status >= 200 && status < 300) return ok(`${PROBE}, which ends with this test.`);
      left = 'Nothing was written.';
      // Metrics may come there by another way: from a collector, or by scraping.
      if (status === 404 || status === 405)
        return unknown(
          `Nothing is taken there (status ${status}): metrics come by another way, or --prometheus-write-url has to say where.`,
        );
      return failure(`It was answered with ${status}.`, 'Is --prometheus-write-url right, and may we write there?');
    });
  } else leaveOut('write', WRITE, left);
  if (left !== undefined) {
    leaveOut('question', QUESTION, left);
    return checks;
  }
  await pass('question', QUESTION, 'Does --prometheus-url ask where --prometheus-write-url writes?', async (signal) => {
    await until(async () => (await askProbe(visit, signal)) === timeMs / 1000, signal);
    return ok('From writing to the answer.');
  });
  // Where it cannot be ended it ends by itself within five minutes.
  await post(deps, { timeMs: timeMs + 1, value: null }, AbortSignal.timeout(1000)).catch(() => 0);
  return checks;
}

async function post({ writeUrl, headers }: SelfTestDeps, sample: ProbeSample, signal: AbortSignal): Promise<number> {
  const own = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' };
  const body = new Uint8Array(encodeProbe(LABELS, [sample]));
  const response = await fetch(writeUrl, { method: 'POST', headers: { ...headers(), ...own }, body, signal, redirect: 'error' });
  await response.arrayBuffer();
  return response.status;
}

/** By PromQL through this API, as Grafana would. */
async function askProbe({ ask }: Visit, signal: AbortSignal): Promise<number | undefined> {
  const query = `${PROBE}{job="ccmeter-api",instance=${JSON.stringify(LABELS.instance)}}`;
  const response = await ask(`/api/v1/query?query=${encodeURIComponent(query)}`, signal);
  const { data, error }: { data?: { result: { value: [number, string] }[] }; error?: string } = JSON.parse(await response.text());
  if (data === undefined) throw new Error(error ?? `The question was answered with ${response.status}.`);
  return data.result[0] === undefined ? undefined : Number(data.result[0].value[1]);
}
