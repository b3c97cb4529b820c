import { type KeyObject, sign } from 'node:crypto';
import { digest } from '../hooks/read.ts';

/** A session with one response. */
export interface SyntheticSession {
  source: string;
  sessionId: string;
  /** Of the model and of the project: both say what this is. */
  name: string;
  tokens: { input: number; output: number };
  nowMs: number;
}

/** Sends the events of a session as an exporter would. Gives back the status of the answer. */
export async function sendSigned(url: string, session: SyntheticSession, key: KeyObject, signal: AbortSignal): Promise<number> {
  const body = JSON.stringify(eventsOf(session));
  const signature = sign(null, Buffer.from(body), key).toString('base64');
  const headers = { 'content-type': 'application/json', 'x-source-id': session.source, 'x-signature': signature };
  const response = await fetch(url, { method: 'POST', headers, body, signal });
  await response.arrayBuffer();
  return response.status;
}

function eventsOf({ source, sessionId, name, tokens, nowMs }: SyntheticSession): object[] {
  const place = { sessionId, project: name };
  const none = { cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0 };
  const used = { inputTokens: tokens.input, outputTokens: tokens.output, ...none };
  const response = { responseId: digest(`${sessionId}:response`), revision: 0, model: name, agent: 'main', ...used, finished: true };
  const event = (type: string, payload: object) => ({
    id: `evt_${digest(`${sessionId}:${type}`)}`,
    source,
    timestamp: new Date(nowMs).toISOString(),
    type,
    payload,
  });
  return [event('session', { ...place, action: 'started' }), event('usage', { ...place, ...response })];
}
