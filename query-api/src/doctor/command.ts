import type { Config } from '../config.ts';
import { ConfigError } from '../errors.ts';
import { openCredentials } from '../upstream/options.ts';
import { createPrometheus } from '../upstream/prometheus.ts';
import { openRunningApi, type RunningApi } from './ask-api.ts';
import { type Diagnosis, examine } from './checks.ts';

const SIGNS = { ok: '  ok  ', warning: ' warn ', failure: ' FAIL ', unknown: '  ?   ' } as const;
const TIMEOUT_MS = 20_000;
const SELF_TEST_TIMEOUT_MS = 90_000;

/** `npm run api -- doctor`: what may stand before the options of the API. */
export interface DoctorWishes {
  /** Send a session through every hop as well. */
  selfTest: boolean;
  /** Write a sample to Prometheus on that occasion. */
  write: boolean;
}

/** The wishes, and the arguments that are left. */
export function readWishes(args: readonly string[]): { wishes: DoctorWishes; rest: string[] } {
  const wishes = { selfTest: args.includes('--e2e'), write: !args.includes('--no-write') };
  if (!wishes.write && !wishes.selfTest) throw new ConfigError('--no-write: belongs to --e2e');
  return { wishes, rest: args.filter((arg) => arg !== '--e2e' && arg !== '--no-write') };
}

/** The same hops as `/api/doctor`, seen from the command line, with the API itself as the one more. False where something fails. */
export async function runDoctor(
  config: Config,
  env: NodeJS.ProcessEnv,
  wishes: DoctorWishes,
  print: (line: string) => void,
): Promise<boolean> {
  const headers = openCredentials(config, env);
  const api = openRunningApi(config);
  const diagnosis = await examine(
    {
      upstream: createPrometheus({ url: config.prometheusUrl, timeoutMs: config.queryTimeoutSeconds * 1000, headers }),
      exporterUrl: config.exporterUrl,
      fetch,
      now: Date.now,
      events: (signal) => askHealth(api, signal),
    },
    AbortSignal.timeout(TIMEOUT_MS),
  );
  for (const line of linesOf(diagnosis)) print(line);
  const tested = wishes.selfTest ? await runSelfTest(api, wishes, print) : true;
  await api.close(AbortSignal.timeout(TIMEOUT_MS)).catch(() => {});
  return diagnosis.status !== 'failure' && tested;
}

async function runSelfTest(api: RunningApi, { write }: DoctorWishes, print: (line: string) => void): Promise<boolean> {
  print('');
  print('A session of its own, sent through every hop:');
  const answer = await api
    .ask('POST', `/api/doctor/self-test?write=${write}`, AbortSignal.timeout(SELF_TEST_TIMEOUT_MS))
    .catch((cause: unknown) => ({ status: 0, text: cause instanceof Error ? cause.message : String(cause) }));
  if (answer.status !== 200) {
    print(`[${SIGNS.failure}] ${explain(answer)}`);
    return false;
  }
  const diagnosis: Diagnosis = JSON.parse(answer.text);
  for (const line of linesOf(diagnosis)) print(line);
  return diagnosis.status !== 'failure';
}

/** The words of an answer that is an error, or of what came instead of one. */
function explain({ status, text }: { status: number; text: string }): string {
  if (status === 0) return text;
  try {
    return `The self-test was refused (${status}): ${JSON.parse(text).error.message}`;
  } catch {
    return `What answers is not the query API (status ${status}).`;
  }
}

/** A diagnosis for people, a hop a line, with the remedy under it. */
export function linesOf({ checks }: Diagnosis): string[] {
  return checks.flatMap(({ title, status, latencyMs, found, remedy }) => [
    `[${SIGNS[status]}] ${title}: ${found}${latencyMs === null ? '' : ` (${latencyMs} ms)`}`,
    ...(remedy === null ? [] : [`         ${remedy}`]),
  ]);
}

async function askHealth(api: RunningApi, signal: AbortSignal): Promise<{ stored: number; lastReceivedMs: number | null }> {
  const { text } = await api.ask('GET', '/api/health', signal);
  const { events }: { events?: { stored: number; lastReceivedAt: string | null } } = JSON.parse(text);
  if (events === undefined) throw new Error(`What answers at ${api.url} is not the query API, or does not know us.`);
  return { stored: events.stored, lastReceivedMs: events.lastReceivedAt === null ? null : Date.parse(events.lastReceivedAt) };
}
