import { join } from 'node:path';
import type { Config } from '../config.ts';
import { ConfigError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type Access, FAILURES } from './access.ts';
import type { JwtReader } from './jwt.ts';
import { openLogins } from './logins.ts';
import type { Provider } from './providers.ts';
import { createBuckets } from './rate.ts';
import { openTokens, type Tokens } from './tokens.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where tokens are kept; a command writes it, the API reads it. */
export function tokenFile(stateDirectory: string): string {
  return join(stateDirectory, 'api', 'tokens.json');
}

/** Where logins are kept. */
export function loginFile(stateDirectory: string): string {
  return join(stateDirectory, 'api', 'logins.db');
}

/**
 * Access as configured. Whoever reaches an open port can read everything, so any address but loopback needs users; without them the
 * start is refused.
 */
export async function openAccess(config: Config, env: Environment, log: Logger): Promise<Access> {
  const providers = await openProviders(config, env);
  const jwt = await openJwt(config);
  const tokens = tryOpenTokens(config, log);
  const open = isLoopback(config.listen) && config.access === 'auto';
  if (!open && tokens.count() === 0 && providers.length === 0 && jwt === undefined) {
    tokens.close();
    throw isLoopback(config.listen)
      ? new ConfigError('--access: users wants at least one: make a token (npm run api -- token add NAME --role read) or name an issuer')
      : new ConfigError(
          `--listen: ${config.listen} can be reached from other machines, which wants users: make a token (npm run api -- token add NAME --role read), or name an issuer (--oidc-issuer, --github-client-id, --jwks-url)`,
        );
  }
  return {
    open,
    tokens,
    providers,
    jwt,
    logins: openLogins(loginFile(config.stateDirectory), Date.now),
    failures: createBuckets({ ...FAILURES, clock: () => performance.now() }),
    publicUrl: config.publicUrl || undefined,
    secure: config.tlsCert !== '' || config.publicUrl.startsWith('https:'),
  };
}

/** Addresses that only this machine reaches. */
function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}

function tryOpenTokens(config: Config, log: Logger): Tokens {
  try {
    return openTokens(tokenFile(config.stateDirectory), log);
  } catch (cause) {
    throw new ConfigError(`--state-dir: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** The libraries of logins and JWTs are loaded where they are wanted: most run without, and save 20 MB. */
async function openProviders(config: Config, env: Environment): Promise<Provider[]> {
  const { loginAllow: allow, loginRole: role } = config;
  const providers: Provider[] = [];
  if (config.oidcIssuer !== '') {
    const clientSecret = wantSecret(env, 'CCMETER_API_OIDC_CLIENT_SECRET', '--oidc-issuer');
    if (config.oidcClientId === '') throw new ConfigError('--oidc-issuer: wants --oidc-client-id beside it');
    const { createOidcProvider } = await import('./providers.ts');
    providers.push(createOidcProvider({ issuer: config.oidcIssuer, clientId: config.oidcClientId, clientSecret, allow, role }));
  }
  if (config.githubClientId !== '') {
    const clientSecret = wantSecret(env, 'CCMETER_API_GITHUB_CLIENT_SECRET', '--github-client-id');
    const url = config.githubUrl;
    const apiUrl = url === 'https://github.com' ? 'https://api.github.com' : `${url}/api/v3`;
    const { createGitHubProvider } = await import('./providers.ts');
    providers.push(createGitHubProvider({ url, apiUrl, clientId: config.githubClientId, clientSecret, allow, role }));
  }
  if (providers.length > 0 && allow.length === 0)
    throw new ConfigError('--login-allow: wants at least one, such as *@example.com; everybody whom the provider knows is *');
  return providers;
}

function wantSecret(env: Environment, variable: string, flag: string): string {
  const secret = env[variable];
  if (!secret)
    throw new ConfigError(`${flag}: wants the client secret in ${variable}; it is no option, since arguments can be seen by others`);
  return secret;
}

async function openJwt({ jwksUrl, jwtIssuer: issuer, jwtAudience: audience }: Config): Promise<JwtReader | undefined> {
  if (jwksUrl === '') return undefined;
  if (issuer === '' || audience === '') throw new ConfigError('--jwks-url: wants --jwt-issuer and --jwt-audience beside it');
  const { createJwtReader } = await import('./jwt.ts');
  return createJwtReader({ jwksUrl, issuer, audience });
}
