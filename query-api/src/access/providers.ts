import * as oidc from 'openid-client';
import type { Role, User } from './users.ts';

/** Somebody else who says who a person is. */
export interface Provider {
  /** In our addresses: `/auth/with/<id>`. */
  id: 'oidc' | 'github';
  /** Where a browser is sent, and what must be known when it comes back. */
  begin(callback: string): Promise<{ url: string; pending: Pending }>;
  /** Who came back to `url`; undefined where it is nobody who may come in. Throws where the answer is not to be believed. */
  finish(url: URL, pending: Pending): Promise<User | undefined>;
}

/** What is kept of a login under way. */
export interface Pending {
  verifier: string;
  state: string;
  nonce: string;
  callback: string;
}

interface Common {
  clientId: string;
  clientSecret: string;
  /** Who may come in: names as the provider tells them, `*@domain` for all of a domain, `*` for everybody it knows. */
  allow: readonly string[];
  role: Role;
}

export interface OidcOptions extends Common {
  issuer: string;
}

export interface GitHubOptions extends Common {
  /** https://github.com, or an enterprise server. */
  url: string;
  /** https://api.github.com, or that of the enterprise server. */
  apiUrl: string;
}

const TIMEOUT_SECONDS = 10;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** Any issuer of OpenID Connect: code flow with PKCE, state and nonce. */
export function createOidcProvider({ issuer, clientId, clientSecret, allow, role }: OidcOptions): Provider {
  let found: Promise<oidc.Configuration> | undefined;
  const configuration = () => {
    const execute = isLoopback(issuer) ? [oidc.allowInsecureRequests] : [];
    found ??= oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, { execute, timeout: TIMEOUT_SECONDS });
    // An issuer that is away now is asked again by the next who comes.
    found.catch(() => {
      found = undefined;
    });
    return found;
  };
  return {
    id: 'oidc',
    begin: async (callback) => begin(await configuration(), callback, 'openid email profile'),
    async finish(url, pending) {
      const tokens = await oidc.authorizationCodeGrant(await configuration(), url, {
        pkceCodeVerifier: pending.verifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) return undefined;
      const email = typeof claims.email === 'string' && claims.email_verified !== false ? claims.email.toLowerCase() : undefined;
      const name = [email, claims.sub].find((candidate) => candidate !== undefined && isAllowed(allow, candidate));
      return name === undefined ? undefined : { name, role };
    },
  };
}

/** GitHub knows OAuth, but says who somebody is only over its API. */
export function createGitHubProvider({ url: github, apiUrl, clientId, clientSecret, allow, role }: GitHubOptions): Provider {
  const server = {
    issuer: github,
    authorization_endpoint: `${github}/login/oauth/authorize`,
    token_endpoint: `${github}/login/oauth/access_token`,
  };
  const configuration = new oidc.Configuration(server, clientId, clientSecret);
  configuration.timeout = TIMEOUT_SECONDS;
  if (isLoopback(github)) oidc.allowInsecureRequests(configuration);
  return {
    id: 'github',
    begin: (callback) => begin(configuration, callback, 'read:user'),
    async finish(url, pending) {
      const { access_token: token } = await oidc.authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: pending.verifier,
        expectedState: pending.state,
      });
      const headers = new Headers({ accept: 'application/vnd.github+json', 'user-agent': 'ccmeter' });
      const response = await oidc.fetchProtectedResource(configuration, token, new URL(`${apiUrl}/user`), 'GET', null, headers);
      const user: unknown = await response.json();
      const login = typeof user === 'object' && user !== null && 'login' in user ? user.login : undefined;
      return typeof login === 'string' && isAllowed(allow, login.toLowerCase()) ? { name: login.toLowerCase(), role } : undefined;
    },
  };
}

async function begin(configuration: oidc.Configuration, callback: string, scope: string): Promise<{ url: string; pending: Pending }> {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: callback,
    scope,
    state,
    ...(scope.startsWith('openid') ? { nonce } : {}),
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  return { url: url.href, pending: { verifier, state, nonce, callback } };
}

/** Plain names are compared whole; of addresses the part after the last @ may be enough. */
export function isAllowed(allow: readonly string[], name: string): boolean {
  const domain = name.includes('@') ? `*@${name.slice(name.lastIndexOf('@') + 1)}` : undefined;
  return allow.some((one) => one === '*' || one.toLowerCase() === name || (domain !== undefined && one.toLowerCase() === domain));
}

function isLoopback(url: string): boolean {
  return LOOPBACK.includes(new URL(url).hostname);
}
