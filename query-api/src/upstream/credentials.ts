import { readFileSync } from 'node:fs';

/** A secret: given by the environment, or in a file that is read again when it is old. */
export type Secret = { text: string } | { file: string };

/** How we make ourselves known to Prometheus, or to what stands before it. */
export interface Credentials {
  token?: Secret | undefined;
  basic?: { user: string; password: Secret } | undefined;
  /** More headers, one a line, as `Name: value`. */
  headers?: Secret | undefined;
  /** Sent as `X-Scope-OrgID`, which Mimir and others read. */
  tenant?: string | undefined;
}

/** Tokens of a cluster change within the hour; a file is read again after this time. */
const READ_AGAIN_MS = 10_000;

/** A function that gives the headers of a request. Throws where a file cannot be read or does not hold headers. */
export function createCredentials(credentials: Credentials, clock: () => number): () => Record<string, string> {
  let headers: Record<string, string> | undefined;
  let readMs = 0;
  return () => {
    if (headers === undefined || clock() - readMs >= READ_AGAIN_MS) {
      headers = headersOf(credentials);
      readMs = clock();
    }
    return headers;
  };
}

function headersOf({ token, basic, headers, tenant }: Credentials): Record<string, string> {
  return {
    ...(headers === undefined ? {} : readHeaders(read(headers))),
    ...(tenant === undefined ? {} : { 'x-scope-orgid': tenant }),
    ...(token === undefined ? {} : { authorization: `Bearer ${oneLine(read(token))}` }),
    ...(basic === undefined
      ? {}
      : { authorization: `Basic ${Buffer.from(`${basic.user}:${oneLine(read(basic.password))}`).toString('base64')}` }),
  };
}

function read(secret: Secret): string {
  return 'text' in secret ? secret.text : readFileSync(secret.file, 'utf8');
}

/** Files end with a line end that is no part of the secret. */
function oneLine(text: string): string {
  const line = text.replace(/\r?\n$/, '');
  if (line === '' || /[^\x20-\x7e]/.test(line)) throw new Error('a secret has to be one line of ASCII');
  return line;
}

function readHeaders(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line, index) => {
      const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]+)$/.exec(line) ?? [];
      // The line itself may hold a secret and is not repeated.
      if (name === undefined || value === undefined) throw new Error(`line ${index + 1} of the headers is not "Name: value"`);
      return [name.toLowerCase(), value.trim()];
    }),
  );
}
