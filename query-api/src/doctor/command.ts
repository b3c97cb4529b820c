import type { Config } from '../config.ts';
import { openCredentials } from '../upstream/options.ts';
import { createPrometheus } from '../upstream/prometheus.ts';
import { type Diagnosis, examine } from './checks.ts';

const SIGNS = { ok: '  ok  ', warning: ' warn ', failure: ' FAIL ', unknown: '  ?   ' } as const;
const TIMEOUT_MS = 20_000;

/** `npm run api -- doctor`: the same hops, seen from the command line, with the API itself as the one more. False where something fails. */
export async function runDoctor(config: Config, env: NodeJS.ProcessEnv, print: (line: string) => void): Promise<boolean> {
  const headers = openCredentials(config, env);
  const diagnosis = await examine(
    {
      upstream: createPrometheus({ url: config.prometheusUrl, timeoutMs: config.queryTimeoutSeconds * 1000, headers }),
      exporterUrl: config.exporterUrl,
      fetch,
      now: Date.now,
      events: (signal) => askApi(config, signal),
    },
    AbortSignal.timeout(TIMEOUT_MS),
  );
  for (const line of linesOf(diagnosis)) print(line);
  return diagnosis.status !== 'failure';
}

/** A diagnosis for people, a hop a line, with the remedy under it. */
export function linesOf({ checks }: Diagnosis): string[] {
  return checks.flatMap(({ title, status, latencyMs, found, remedy }) => [
    `[${SIGNS[status]}] ${title}: ${found}${latencyMs === null ? '' : ` (${latencyMs} ms)`}`,
    ...(remedy === null ? [] : [`         ${remedy}`]),
  ]);
}

async function askApi(config: Config, signal: AbortSignal): Promise<{ stored: number; lastReceivedMs: number | null }> {
  const host = config.listen.includes(':') ? `[${config.listen}]` : config.listen === '0.0.0.0' ? '127.0.0.1' : config.listen;
  const url = `http://${host}:${config.port}/api/health`;
  let response: Response;
  try {
    response = await fetch(url, { signal, redirect: 'error' });
  } catch (cause) {
    throw new Error(`The query API does not answer at ${url}; start it with \`npm run api\`.`, { cause });
  }
  if (response.status === 401)
    throw new Error('The query API answers, but tells only those who are logged in; ask /api/doctor with a token.');
  const { events }: { events?: { stored: number; lastReceivedAt: string | null } } = JSON.parse(await response.text());
  if (events === undefined) throw new Error(`What answers at ${url} is not the query API.`);
  return { stored: events.stored, lastReceivedMs: events.lastReceivedAt === null ? null : Date.parse(events.lastReceivedAt) };
}
