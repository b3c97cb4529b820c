import { resolve } from 'node:path';
import type { Option } from '../config.ts';
import { ROLES, type Role, readRole } from './users.ts';

const path = (text: string) => (text.includes('\0') ? undefined : text === '' ? '' : resolve(text));
const plain = (text: string) => (/^[\x20-\x7e]*$/.test(text) ? text : undefined);

/** An address without user, query and fragment; plain http only on this machine, as what is sent there is secret. */
function readSecureUrl(text: string): string | undefined {
  if (text === '') return '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url === undefined || (url.protocol !== 'https:' && !(local && url.protocol === 'http:'))) return undefined;
  return url.username === '' && url.password === '' && url.hash === '' ? url.href.replace(/\/$/, '') : undefined;
}

const SECURE_URL = 'an https address without user, password and fragment; http is for this machine alone';

/** Options about who may come in. What is empty is not given; secrets come from the environment alone. */
export const accessOptions = {
  access: {
    flag: '--access',
    placeholder: 'WHO',
    env: 'CCMETER_API_ACCESS',
    preset: 'auto',
    unit: '',
    help: 'auto: open to this machine while only it can reach us, else users only. users: users only, such as behind a proxy on this machine.',
    repeated: false,
    wanted: 'auto or users',
    read: (text): 'auto' | 'users' | undefined => (text === 'auto' || text === 'users' ? text : undefined),
  },
  publicUrl: {
    flag: '--public-url',
    placeholder: 'URL',
    env: 'CCMETER_API_PUBLIC_URL',
    preset: '',
    unit: '',
    help: 'Address under which browsers reach us, where a proxy stands in front. Its host is allowed; with https cookies are kept to it.',
    repeated: false,
    wanted: 'an http or https address without user, password and path',
    read: (text) => {
      if (text === '') return '';
      const url = URL.canParse(text) ? new URL(text) : undefined;
      return url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` ? url.origin : undefined;
    },
  },
  tlsCert: {
    flag: '--tls-cert',
    placeholder: 'FILE',
    env: 'CCMETER_API_TLS_CERT',
    preset: '',
    unit: '',
    help: 'Certificate chain in PEM; read again when it changes.',
    repeated: false,
    wanted: 'a file',
    read: path,
  },
  tlsKey: {
    flag: '--tls-key',
    placeholder: 'FILE',
    env: 'CCMETER_API_TLS_KEY',
    preset: '',
    unit: '',
    help: 'Key of the certificate in PEM.',
    repeated: false,
    wanted: 'a file',
    read: path,
  },
  oidcIssuer: {
    flag: '--oidc-issuer',
    placeholder: 'URL',
    env: 'CCMETER_API_OIDC_ISSUER',
    preset: '',
    unit: '',
    help: 'Issuer of OpenID Connect by which people log in; the secret is in CCMETER_API_OIDC_CLIENT_SECRET.',
    repeated: false,
    wanted: SECURE_URL,
    read: readSecureUrl,
  },
  oidcClientId: {
    flag: '--oidc-client-id',
    placeholder: 'ID',
    env: 'CCMETER_API_OIDC_CLIENT_ID',
    preset: '',
    unit: '',
    help: 'What the issuer calls us.',
    repeated: false,
    wanted: 'a name in ASCII',
    read: plain,
  },
  githubClientId: {
    flag: '--github-client-id',
    placeholder: 'ID',
    env: 'CCMETER_API_GITHUB_CLIENT_ID',
    preset: '',
    unit: '',
    help: 'OAuth app of GitHub by which people log in; the secret is in CCMETER_API_GITHUB_CLIENT_SECRET.',
    repeated: false,
    wanted: 'a name in ASCII',
    read: plain,
  },
  githubUrl: {
    flag: '--github-url',
    placeholder: 'URL',
    env: 'CCMETER_API_GITHUB_URL',
    preset: 'https://github.com',
    unit: '',
    help: 'Another server of GitHub.',
    repeated: false,
    wanted: SECURE_URL,
    read: readSecureUrl,
  },
  loginAllow: {
    flag: '--login-allow',
    placeholder: 'WHO',
    env: 'CCMETER_API_LOGIN_ALLOW',
    preset: '',
    unit: '',
    help: 'Who may log in by OpenID Connect or GitHub: an address, *@domain, a GitHub name, or * for all whom the provider knows; may be repeated.',
    repeated: true,
    wanted: 'an address, *@domain, a name, or *',
    read: (text) => (/^[\x21-\x7e]{1,200}$/.test(text) ? text : undefined),
  },
  loginRole: {
    flag: '--login-role',
    placeholder: 'ROLE',
    env: 'CCMETER_API_LOGIN_ROLE',
    preset: 'read',
    unit: '',
    help: 'What they may do.',
    repeated: false,
    wanted: `one of ${ROLES.join(', ')}`,
    read: (text): Role | undefined => readRole(text),
  },
  jwksUrl: {
    flag: '--jwks-url',
    placeholder: 'URL',
    env: 'CCMETER_API_JWKS_URL',
    preset: '',
    unit: '',
    help: 'Keys of an issuer of JWTs that are taken as bearer tokens; needs --jwt-issuer and --jwt-audience.',
    repeated: false,
    wanted: SECURE_URL,
    read: readSecureUrl,
  },
  jwtIssuer: {
    flag: '--jwt-issuer',
    placeholder: 'NAME',
    env: 'CCMETER_API_JWT_ISSUER',
    preset: '',
    unit: '',
    help: 'The issuer that those tokens name.',
    repeated: false,
    wanted: 'a name in ASCII',
    read: plain,
  },
  jwtAudience: {
    flag: '--jwt-audience',
    placeholder: 'NAME',
    env: 'CCMETER_API_JWT_AUDIENCE',
    preset: '',
    unit: '',
    help: 'The audience that those tokens name.',
    repeated: false,
    wanted: 'a name in ASCII',
    read: plain,
  },
} as const satisfies Record<string, Option<unknown>>;
