import { verify } from 'node:crypto';
import { ApiError } from '../errors.ts';
import type { SourceKeys } from './source-keys.ts';

/** What a sender says of itself. */
export interface Claim {
  source: string | undefined;
  signature: string | undefined;
  /** It may send without a signature, where no keys are configured: it speaks from this machine, or has a token to send. */
  trusted: boolean;
}

const SIGNATURE_BYTES = 64;

/**
 * Who sends this body. With keys: the source whose key has signed exactly these bytes (Ed25519). Without: whoever is trusted.
 * Looks at bytes only, so nothing of an unsigned body is ever parsed. Codes and their order are those of VibeTea's server.
 */
export function senderOf(keys: SourceKeys, claim: Claim, body: Uint8Array): string | undefined {
  // Who has a key signs, also where others need not.
  if (!keys.required && claim.trusted && keys.get(claim.source ?? '') === undefined) return claim.source || undefined;
  if (!claim.source) throw new ApiError(401, 'missing_source', 'X-Source-ID is missing.');
  if (!claim.signature) throw new ApiError(401, 'missing_signature', 'X-Signature is missing.');
  const key = keys.get(claim.source);
  if (key === undefined) throw new ApiError(401, 'unknown_source', 'There is no key for this source.');
  if (key === 'unusable') throw new ApiError(401, 'server_error', 'The key that is kept here for this source is none.');
  // OpenSSL compares in constant time, and refuses a signature whose second half is not below the order of the group.
  if (!verify(null, body, key, decode(claim.signature)))
    throw new ApiError(401, 'invalid_signature', 'The signature does not fit the body.');
  return claim.source;
}

function decode(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new ApiError(401, 'invalid_encoding', 'X-Signature is not base64.');
  if (bytes.length !== SIGNATURE_BYTES) throw new ApiError(401, 'invalid_signature', 'X-Signature does not have 64 bytes.');
  return bytes;
}
