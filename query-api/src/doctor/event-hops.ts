import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticSource } from '../live/synthetic.ts';
import type { SessionAnswer } from '../routes/sessions.ts';
import { type Check, failure, ok } from './checks.ts';
import { createHops, type Hops, until } from './hops.ts';
import type { SelfTestDeps, Visit } from './self-test.ts';
import { type SyntheticSession, sendSigned } from './signed-events.ts';
import { startTemporaryExporter, syntheticLines, type TemporaryExporter } from './temporary-exporter.ts';

/** The model and the project of the session: without a price, and nobody's. */
const NAME = 'ccmeter-self-test';
const TOKENS = { input: 1, output: 2 };
const TOTAL = TOKENS.input + TOKENS.output;

const LOOK_INTO_LOG = 'Look into the log of the query API.';

interface Journey {
  visit: Visit;
  deps: SelfTestDeps;
  hops: Hops;
  session: SyntheticSession;
  /** When it was sent, by a clock that never goes back. */
  sentMs: number;
}

/** From a line of a transcript to a stream and a list, and away again. */
export async function passEvents(deps: SelfTestDeps, visit: Visit, signal: AbortSignal): Promise<Check[]> {
  const source = syntheticSource(randomBytes(4).toString('hex'));
  const session = { source, sessionId: randomUUID(), name: NAME, tokens: TOKENS, nowMs: deps.now() };
  const journey: Journey = { deps, visit, hops: createHops(signal), session, sentMs: 0 };
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const dismiss = deps.guests.admit(source, publicKey);
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-self-test-'));
  const closing = new AbortController();
  let exporter: TemporaryExporter | undefined;
  try {
    const told = openStream(journey, AbortSignal.any([signal, closing.signal]));
    await told.opened;
    if (deps.exporterMain === undefined) await sendFromHere(journey, privateKey);
    else {
      const key = Buffer.from(String(privateKey.export({ format: 'jwk' }).d), 'base64url').toString('base64');
      await passExporter(journey, async (until) => {
        const place = { main: deps.exporterMain ?? '', directory, source, sessionId: session.sessionId, privateKey: key };
        exporter = await startTemporaryExporter({ ...place, eventsUrl: `${visit.url}/events` }, until);
        return exporter;
      });
    }
    await passStream(journey, told.usageMs);
    await passSession(journey);
  } finally {
    closing.abort();
    // What it still sends has to come before everything is taken out.
    await exporter?.stop();
    dismiss();
    deps.store.forgetSynthetic(source);
    rmSync(directory, { recursive: true, force: true });
  }
  return [...journey.hops.checks, ...(await passRemoval(journey, signal))];
}

/** A stream, and when it told of the response. */
function openStream({ hops, visit, session }: Journey, signal: AbortSignal): { opened: Promise<void>; usageMs: Promise<number> } {
  const told = Promise.withResolvers<number>();
  // Who waits for it hears of it; where nobody gets that far it is no one's.
  told.promise.catch(() => {});
  const opened = hops.pass('open', 'A stream opens', LOOK_INTO_LOG, async () => {
    const response = await visit.ask(`/api/stream?source=${session.source}`, signal);
    if (!response.ok || response.body === null)
      return failure(`It was answered with ${response.status}.`, 'Are too many open (--max-streams)?');
    untilTold(response.body).then(told.resolve, told.reject);
    return ok('It is open.');
  });
  return { opened, usageMs: told.promise };
}

async function untilTold(body: ReadableStream<Uint8Array>): Promise<number> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('"type":"usage"')) return performance.now();
  }
  throw new Error('The stream ended.');
}

async function passExporter(journey: Journey, start: (signal: AbortSignal) => Promise<TemporaryExporter>): Promise<void> {
  const { hops, session, deps } = journey;
  let stored: Promise<number> = Promise.resolve(0);
  const remedy = 'Does `npm run exporter -- run` start? It says what it lacks.';
  await hops.pass('transcript', 'A transcript is read and counted', remedy, async (signal) => {
    const { url, write } = await start(signal);
    journey.sentMs = performance.now();
    write(syntheticLines(session.sessionId, NAME, TOKENS, deps.now()));
    stored = until(() => deps.store.newest(1, { source: [session.source], type: ['usage'] }).length > 0, signal).then(() =>
      performance.now(),
    );
    // Who waits for it hears of it.
    stored.catch(() => {});
    const counted = new RegExp(`^ccmeter_tokens_total\\{[^}]*kind="output"[^}]*\\} ${TOKENS.output}$`, 'm');
    await until(async () => counted.test(await (await fetch(`${url}/metrics`, { signal })).text()), signal);
    return { ...ok('By an exporter of its own, from the line on disk to /metrics.'), latencyMs: performance.now() - journey.sentMs };
  });
  await hops.pass('signed', 'Signed events are stored', LOOK_INTO_LOG, async () => {
    return { ...ok('From the line on disk to the store.'), latencyMs: (await stored) - journey.sentMs };
  });
}

/** Where there is no exporter beside us, as in an image of the query API, its part is played from here. */
async function sendFromHere(journey: Journey, key: Parameters<typeof sendSigned>[2]): Promise<void> {
  const { hops, visit, session } = journey;
  const none = 'There is no exporter beside this query API; `npm run exporter -- doctor` looks at yours.';
  hops.leaveOut('transcript', 'A transcript is read and counted', none);
  await hops.pass('signed', 'Signed events are stored', LOOK_INTO_LOG, async (signal) => {
    journey.sentMs = performance.now();
    const status = await sendSigned(`${visit.url}/events`, session, key, signal);
    return status === 202 ? ok('From sending to the answer.') : failure(`They were answered with ${status}.`, LOOK_INTO_LOG);
  });
}

async function passStream({ hops, sentMs }: Journey, told: Promise<number>): Promise<void> {
  await hops.pass('stream', 'The stream tells them', LOOK_INTO_LOG, async (signal) => {
    const late = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => late.reject(signal.reason), { once: true });
    return { ...ok('From sending to the listener.'), latencyMs: (await Promise.race([told, late.promise])) - sentMs };
  });
}

async function passSession({ hops, visit, session }: Journey): Promise<void> {
  await hops.pass('session', 'The session adds up', LOOK_INTO_LOG, async (signal) => {
    const response = await visit.ask(`/api/sessions/${session.sessionId}`, signal);
    const answer: Partial<SessionAnswer> = JSON.parse(await response.text());
    const tokens = answer.session?.tokens ?? 0;
    return tokens === TOTAL
      ? ok(`It has the ${TOTAL} tokens that were sent.`)
      : failure(`It has ${tokens} tokens of ${TOTAL}.`, LOOK_INTO_LOG);
  });
}

/** Also where something failed before: what was sent has to be gone. */
async function passRemoval({ visit, session }: Journey, signal: AbortSignal): Promise<Check[]> {
  const { checks, pass } = createHops(signal);
  const remedy = 'Start the query API again: it takes out what is left when it starts.';
  await pass('removal', 'Nothing of it is left', remedy, async (until) => {
    const one = await visit.ask(`/api/sessions/${session.sessionId}`, until);
    await one.arrayBuffer();
    const listed = await visit.ask(`/api/events?source=${session.source}`, until);
    const { events }: { events: unknown[] } = JSON.parse(await listed.text());
    return one.status === 404 && events.length === 0 ? ok('Its session and events are taken out.') : failure('It is still listed.', remedy);
  });
  return checks;
}
