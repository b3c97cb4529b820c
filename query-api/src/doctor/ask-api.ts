import { readFileSync } from 'node:fs';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { openLogins } from '../access/logins.ts';
import { loginFile } from '../access/open.ts';
import type { Config } from '../config.ts';

/** The query API that runs with this configuration, asked from the command line. */
export interface RunningApi {
  url: string;
  ask(method: 'GET' | 'POST', path: string, signal: AbortSignal): Promise<{ status: number; text: string }>;
  /** Ends the login, where one was needed. */
  close(signal: AbortSignal): Promise<void>;
}

/**
 * Who can write its state directory could make a login there (`npm run api -- login`), so where the API wants one it is made here, and ended
 * afterwards. TLS is believed by the certificate in the configuration, whatever name is in it: it is asked on this machine.
 */
export function openRunningApi(config: Config): RunningApi {
  const host = config.listen.includes(':') ? (config.listen === '::' ? '[::1]' : `[${config.listen}]`) : config.listen;
  const url = `${config.tlsCert === '' ? 'http' : 'https'}://${host === '0.0.0.0' ? '127.0.0.1' : host}:${config.port}`;
  let cookie = '';

  async function send(method: string, path: string, signal: AbortSignal, body?: string) {
    const headers = { ...(cookie === '' ? {} : { cookie }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const asked =
      config.tlsCert === ''
        ? requestHttp(`${url}${path}`, { method, headers, signal }, resolve)
        : requestHttps(
            `${url}${path}`,
            { method, headers, signal, ca: readFileSync(config.tlsCert), checkServerIdentity: () => undefined },
            resolve,
          );
    asked.once('error', reject).end(body);
    const response = await promise.catch((cause: unknown) => {
      throw new Error(`The query API does not answer at ${url}${path}; start it with \`npm run api\`.`, { cause });
    });
    return { status: response.statusCode ?? 0, text: await text(response), cookies: response.headers['set-cookie'] };
  }

  async function logIn(signal: AbortSignal): Promise<void> {
    const logins = openLogins(loginFile(config.stateDirectory), Date.now);
    const code = logins.createCode({ name: 'doctor', role: 'admin' });
    logins.close();
    const { cookies } = await send('POST', '/auth/exchange', signal, JSON.stringify({ code }));
    cookie = cookies?.[0]?.split(';')[0] ?? '';
    if (cookie === '')
      throw new Error(
        `The query API at ${url} wants a login and keeps its state elsewhere than in ${config.stateDirectory}; give its --state-dir.`,
      );
  }

  return {
    url,
    async ask(method, path, signal) {
      const first = await send(method, path, signal);
      if (first.status !== 401 || cookie !== '') return first;
      await logIn(signal);
      return send(method, path, signal);
    },
    async close(signal) {
      if (cookie !== '') await send('POST', '/auth/logout', signal);
    },
  };
}
