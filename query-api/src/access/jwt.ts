import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { readRole, type User } from './users.ts';

/** Tokens of somebody else's making that are believed: signed by a key of `jwksUrl`, by and for whom we were told. */
export interface JwtOptions {
  jwksUrl: string;
  issuer: string;
  audience: string;
}

/** Signatures with a public key only, whatever the token says of itself: with `none` or HS256 anybody could write one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** The claim that says what its owner may do; without it: read. */
const ROLE_CLAIM = 'ccmeter_role';

export type JwtReader = (token: string) => Promise<User | undefined>;

export function createJwtReader(
  { jwksUrl, issuer, audience }: JwtOptions,
  keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(jwksUrl)),
): JwtReader {
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: 30,
      });
      const role = payload[ROLE_CLAIM] === undefined ? 'read' : readRole(payload[ROLE_CLAIM]);
      return role === undefined || payload.sub === undefined ? undefined : { name: payload.sub, role };
    } catch {
      return undefined;
    }
  };
}
