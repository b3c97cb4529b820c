import { resolve } from 'node:path';
import type { Option } from '../config.ts';
import { ConfigError } from '../errors.ts';
import { everythingIn, type Scope } from '../promql/scope.ts';
import { type Credentials, createCredentials, type Secret } from './credentials.ts';

/** A header value without anything that could end it; empty for none. */
const plain = (text: string) => (/^[\x21-\x7e]*$/.test(text) ? text : undefined);
const path = (text: string) => (text.includes('\0') ? undefined : text === '' ? '' : resolve(text));

/** Options about how Prometheus is asked, and by whom. What is empty is not given. */
export const upstreamOptions = {
  prometheusTokenFile: {
    flag: '--prometheus-token-file',
    placeholder: 'FILE',
    env: 'CCMETER_API_PROMETHEUS_TOKEN_FILE',
    preset: '',
    unit: '',
    help: 'File with a bearer token for Prometheus; read again as it changes. Or the token itself in CCMETER_API_PROMETHEUS_TOKEN.',
    repeated: false,
    wanted: 'a file',
    read: path,
  },
  prometheusUser: {
    flag: '--prometheus-user',
    placeholder: 'NAME',
    env: 'CCMETER_API_PROMETHEUS_USER',
    preset: '',
    unit: '',
    help: 'User for Prometheus, with the password in --prometheus-password-file or CCMETER_API_PROMETHEUS_PASSWORD.',
    repeated: false,
    wanted: 'a name in ASCII without a colon',
    read: (text) => (text.includes(':') ? undefined : plain(text)),
  },
  prometheusPasswordFile: {
    flag: '--prometheus-password-file',
    placeholder: 'FILE',
    env: 'CCMETER_API_PROMETHEUS_PASSWORD_FILE',
    preset: '',
    unit: '',
    help: 'File with the password of --prometheus-user; read again as it changes.',
    repeated: false,
    wanted: 'a file',
    read: path,
  },
  prometheusHeadersFile: {
    flag: '--prometheus-headers-file',
    placeholder: 'FILE',
    env: 'CCMETER_API_PROMETHEUS_HEADERS_FILE',
    preset: '',
    unit: '',
    help: 'File with more headers for Prometheus, one a line as "Name: value". Or the lines themselves in CCMETER_API_PROMETHEUS_HEADERS.',
    repeated: false,
    wanted: 'a file',
    read: path,
  },
  prometheusTenant: {
    flag: '--prometheus-tenant',
    placeholder: 'ID',
    env: 'CCMETER_API_PROMETHEUS_TENANT',
    preset: '',
    unit: '',
    help: 'Tenant, sent as X-Scope-OrgID (Mimir and others).',
    repeated: false,
    wanted: 'a name in ASCII without spaces',
    read: plain,
  },
  queryRate: {
    flag: '--query-rate',
    placeholder: 'NUMBER',
    env: 'CCMETER_API_QUERY_RATE',
    preset: '100',
    unit: 'questions a second',
    help: 'Questions to Prometheus that one client may ask in a second; four times as many at once.',
    repeated: false,
    wanted: 'a whole number from 1 to 100000',
    read: (text) => (/^[1-9]\d{0,4}$|^100000$/.test(text) ? Number(text) : undefined),
  },
  scopes: {
    flag: '--scope',
    placeholder: 'USER:LABEL=VALUE',
    env: 'CCMETER_API_SCOPE',
    preset: '',
    unit: '',
    help: 'What a user sees: only series with this label value. Repeated: any of the values of a label, all of the labels. The user * is everybody.',
    repeated: true,
    wanted: 'user:label=value, such as ann:project=shop',
    read: readScope,
  },
  prometheusWriteUrl: {
    flag: '--prometheus-write-url',
    placeholder: 'URL',
    env: 'CCMETER_API_PROMETHEUS_WRITE_URL',
    preset: '',
    shown: '/api/v1/write of --prometheus-url',
    unit: '',
    help: 'Where the self-test of the doctor writes its one sample by remote write (Mimir: …/api/v1/push); "none" writes nothing.',
    repeated: false,
    wanted: 'an http or https address without user, password, query and fragment, or none',
    read: (text) => (text === '' || text === 'none' ? text : readBaseUrl(text)),
  },
  exporterUrl: {
    flag: '--exporter-url',
    placeholder: 'URL',
    env: 'CCMETER_API_EXPORTER_URL',
    preset: 'http://127.0.0.1:10054',
    unit: '',
    help: 'Where the exporter of this machine says how it is, for the doctor; "none" where there is none.',
    repeated: false,
    wanted: 'an http or https address without user, password, query and fragment, or none',
    read: (text) => (text === 'none' ? '' : readBaseUrl(text)),
  },
} as const satisfies Record<string, Option<unknown>>;

interface ScopeEntry {
  user: string;
  label: string;
  value: string;
}

function readScope(text: string): ScopeEntry | undefined {
  const [, user, label, value] = /^([^:]{1,200}):([a-zA-Z_]\w{0,100})=(.{1,1000})$/s.exec(text) ?? [];
  return user === undefined || label === undefined || value === undefined ? undefined : { user, label, value };
}

/** An address without a slash at its end, or undefined. */
export function readBaseUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return undefined;
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined;
  return url.href.replace(/\/+$/, '');
}

/** What each user may see, from the single values. */
export function scopesOf(entries: readonly ScopeEntry[]): ReadonlyMap<string, Scope> {
  const scopes = new Map<string, Record<string, string[]>>();
  for (const { user, label, value } of entries) {
    const scope = scopes.get(user) ?? {};
    scope[label] = [...(scope[label] ?? []), value];
    scopes.set(user, scope);
  }
  for (const scope of scopes.values()) everythingIn(scope);
  return scopes;
}

/** What {@link openCredentials} reads of the configuration. */
export interface CredentialConfig {
  prometheusTokenFile: string;
  prometheusUser: string;
  prometheusPasswordFile: string;
  prometheusHeadersFile: string;
  prometheusTenant: string;
}

/** The headers for Prometheus. Secrets come from files or the environment, never from arguments, which everybody on the machine can read. */
export function openCredentials(config: CredentialConfig, env: Readonly<Record<string, string | undefined>>): () => Record<string, string> {
  const token = secretOf('--prometheus-token-file', config.prometheusTokenFile, 'CCMETER_API_PROMETHEUS_TOKEN', env);
  const password = secretOf('--prometheus-password-file', config.prometheusPasswordFile, 'CCMETER_API_PROMETHEUS_PASSWORD', env);
  const headers = secretOf('--prometheus-headers-file', config.prometheusHeadersFile, 'CCMETER_API_PROMETHEUS_HEADERS', env);
  const user = config.prometheusUser;
  if ((user === '') !== (password === undefined)) throw new ConfigError('--prometheus-user: wants a password, and a password wants a user');
  if (token !== undefined && password !== undefined)
    throw new ConfigError('--prometheus-token-file: either a token or a user with a password');
  const basic = password === undefined ? undefined : { user, password };
  return checked({ token, basic, headers, tenant: config.prometheusTenant || undefined });
}

function secretOf(flag: string, file: string, variable: string, env: Readonly<Record<string, string | undefined>>): Secret | undefined {
  const text = env[variable] || undefined;
  if (file !== '' && text !== undefined) throw new ConfigError(`${flag}: ${variable} is set as well, wanted one of the two`);
  return file !== '' ? { file } : text === undefined ? undefined : { text };
}

/** A file that cannot be read stops the start; one that cannot be read later fails the questions. */
function checked(credentials: Credentials): () => Record<string, string> {
  const headers = createCredentials(credentials, () => performance.now());
  try {
    headers();
  } catch (cause) {
    throw new ConfigError(`credentials for Prometheus: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return headers;
}
