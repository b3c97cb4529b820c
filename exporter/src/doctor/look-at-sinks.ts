import { existsSync } from 'node:fs';
import { keyPlaceOf } from '../emit/key-commands.ts';
import { loadSigner, type Signer } from '../emit/sign.ts';
import { readOtlpSettings } from '../meter/otlp-settings.ts';
import { postSamples, shownUrl } from '../meter/write-client.ts';
import { type Finding, failure, messageOf, ok, type Patient, plural, unknown, warning } from './finding.ts';
import { keptHost } from './look-at-ledger.ts';

/** None of these may keep a person waiting. */
const TIMEOUT_MS = 5000;

const MAX_STATUS_CHARACTERS = 64 * 1024;

/** More than this that waits is more than what a moment brings. */
const WAITING_SAMPLES = 10_000;
const WAITING_EVENTS = 1000;

/** The exporter that runs with these options, if one does. */
export async function lookAtExporter({ config, fetch }: Patient): Promise<Finding> {
  const host = config.listen.includes(':') ? `[${config.listen}]` : config.listen;
  const url = `http://${host}:${config.port}`;
  if (config.port === 0) return unknown('--port is 0, so where it listens is not known.');
  const response = await fetch(`${url}/-/status`, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => undefined);
  if (response === undefined) return unknown(`None answers at ${url}.`);
  const status = readStatus(await response.text());
  if (!response.ok || status === undefined)
    return failure(`What answers at ${url} is not the exporter.`, 'Choose another --port, or end what listens there.');
  if (status.phase !== 'ready') return warning(`It is still reading: ${status.filesRead} of ${status.files} transcripts.`, 'Wait.');
  const samples = Number(status.pendingSamples ?? 0);
  const events = Number(status.outboxEvents ?? 0);
  if (samples > WAITING_SAMPLES)
    return warning(`${plural(samples, 'sample')} wait to be written.`, 'See below whether what they are written to takes them.');
  if (events > WAITING_EVENTS) return warning(`${plural(events, 'event')} wait to be sent.`, 'See below whether the API takes them.');
  return ok(`It runs at ${url}; nothing waits.`);
}

function readStatus(text: string): Record<string, unknown> | undefined {
  if (text.length > MAX_STATUS_CHARACTERS) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'phase' in value ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The API takes what this exporter signs: it is sent no event at all. */
export async function lookAtEvents({ config, env, fetch }: Patient): Promise<Finding> {
  if (config.eventsUrl === undefined) return unknown('No --events-url: nothing is sent.');
  const place = keyPlaceOf(config, env);
  if (!place.variable && !existsSync(place.file)) return unknown('There is no key yet, so it cannot be tried.');
  const body = Buffer.from('[]');
  const url = shownUrl(config.eventsUrl);
  const source = keptHost(config.stateDir) ?? config.host;
  let signer: Signer;
  try {
    signer = loadSigner(place);
  } catch {
    return unknown('The key cannot be used, so it cannot be tried.');
  }
  let response: Response;
  try {
    response = await fetch(config.eventsUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-source-id': source, 'x-signature': signer.sign(body) },
      body: new Uint8Array(body),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    return failure(`Nothing answers at ${url} (${messageOf(error)}).`, 'Start the query API, or name where it is with --events-url.');
  }
  const text = (await response.text()).slice(0, 200);
  if (response.ok) return ok(`${url} takes what ${source} signs.`);
  if (response.status === 401)
    return failure(
      `${url} does not know the key of ${source}: ${text}`,
      `Start the query API with --source-key ${source}=${signer.publicKey}`,
    );
  if (response.status === 404 || response.status === 405)
    return failure(`${url} takes no events (status ${response.status}).`, '--events-url wants the path, such as /events, too.');
  return failure(`${url} answered ${response.status}: ${text}`, 'Look into the log of the query API.');
}

/** The time series database takes samples: it is sent a request without any. */
export async function lookAtRemoteWrite({ config, fetch }: Patient): Promise<Finding> {
  const { remoteWriteUrl, remoteWriteHeaders } = config;
  if (remoteWriteUrl === undefined) return unknown('No --remote-write-url: nothing is written.');
  const url = shownUrl(remoteWriteUrl);
  const outcome = await postSamples({ url: remoteWriteUrl, headers: remoteWriteHeaders, fetch }, [], AbortSignal.timeout(TIMEOUT_MS));
  if (outcome.kind !== 'ok') return failure(`${url}: ${outcome.problem}`, remedyForWrite(outcome.problem));
  const window = await readWindow(remoteWriteUrl, remoteWriteHeaders, fetch);
  if (window === undefined) return ok(`${url} takes samples.`);
  if (window === '' || /^0\w*$/.test(window))
    return warning(
      `${url} takes samples, but none that are late, so the past gets lost.`,
      'Set storage.tsdb.out_of_order_time_window in the configuration of Prometheus, to 3650d for instance.',
    );
  return ok(`${url} takes samples that are up to ${window} late.`);
}

function remedyForWrite(problem: string): string {
  if (/answered 40[13]/.test(problem)) return 'Give it what it wants in CCMETER_REMOTE_WRITE_HEADERS.';
  if (/answered 404/.test(problem)) return 'Start Prometheus with --web.enable-remote-write-receiver; the path is /api/v1/write.';
  return 'Start it, or name where it is with --remote-write-url. What is counted waits in the ledger.';
}

/** How late samples may be, where it is a Prometheus that says; empty where it says none. */
async function readWindow(url: string, headers: Record<string, string>, fetcher: typeof fetch): Promise<string | undefined> {
  if (!new URL(url).pathname.endsWith('/api/v1/write')) return undefined;
  try {
    const response = await fetcher(url.replace(/\/write$/, '/status/config'), {
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { data }: { data?: { yaml?: string } } = JSON.parse(await response.text());
    return data?.yaml === undefined ? undefined : (/out_of_order_time_window:\s*(\S+)/.exec(data.yaml)?.[1] ?? '');
  } catch {
    return undefined;
  }
}

/** The collector takes metrics: it is sent a message without any. */
export async function lookAtOtlp({ env }: Patient): Promise<Finding> {
  const settings = readOtlpSettings(env);
  if (settings === undefined) return unknown('No OTEL_EXPORTER_OTLP_ENDPOINT: nothing is sent.');
  if ('mistake' in settings) return failure(`${settings.mistake}.`, 'Mend the variable.');
  const endpoint = env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT || 'http://localhost:4317';
  const { sendNothing } = await import('./send-nothing.ts');
  const problem = await sendNothing(TIMEOUT_MS);
  const url = URL.canParse(endpoint) ? shownUrl(endpoint).replace(/\/$/, '') : endpoint;
  if (problem === undefined) return ok(`${url} takes metrics.`);
  return failure(
    `${url}: ${problem}`,
    'Is the collector there, with OTLP over gRPC (usually port 4317)? Without http:// before it TLS is spoken. What it wants to know goes into OTEL_EXPORTER_OTLP_HEADERS.',
  );
}

/** A machine's clock may differ this much before minutes are counted in another minute than they happened. */
const SKEW_WARNING_SECONDS = 5;
const SKEW_FAILURE_SECONDS = 60;

/** The clocks of those we send to agree with ours, as far as the `Date` of an answer tells: to a second. */
export async function lookAtClocks({ config, fetch, now }: Patient): Promise<Finding> {
  const urls = [config.eventsUrl, config.remoteWriteUrl].filter((url) => url !== undefined);
  const skews: { host: string; seconds: number }[] = [];
  for (const url of urls) {
    const begunMs = now();
    const response = await fetch(new URL('/', url), { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => undefined);
    await response?.body?.cancel();
    const theirsMs = Date.parse(response?.headers.get('date') ?? '');
    // The header has whole seconds, and the answer took its time.
    if (!Number.isNaN(theirsMs)) skews.push({ host: new URL(url).host, seconds: (theirsMs + 500 - (begunMs + now()) / 2) / 1000 });
  }
  const worst = skews.sort((a, b) => Math.abs(b.seconds) - Math.abs(a.seconds))[0];
  if (worst === undefined) return unknown('Nobody answers who would tell the time.');
  const amount = Math.abs(worst.seconds);
  const differs = `The clock of ${worst.host} is ${amount.toFixed(amount < 10 ? 1 : 0)} s ${worst.seconds > 0 ? 'ahead of' : 'behind'} ours.`;
  if (amount > SKEW_FAILURE_SECONDS) return failure(differs, 'Let both machines get their time by NTP.');
  if (amount > SKEW_WARNING_SECONDS) return warning(differs, 'Let both machines get their time by NTP.');
  return ok('They agree to a second or so.');
}
