import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';

/** The key with which events are signed, so that the query API knows whose they are. */
export interface Signer {
  /** The raw 32 bytes of the public key, base64: what the query API is told. */
  publicKey: string;
  /** Base64 Ed25519 signature over the bytes as sent. */
  sign(body: Buffer): string;
}

/**
 * Loads the key of this exporter, and makes one where there is none. The file is readable by its owner only.
 *
 * @throws Error when the file can be read by others or holds no Ed25519 key
 */
export function loadSigner(path: string): Signer {
  if (!existsSync(path)) makeKey(path);
  // Windows has no such modes.
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    throw new Error(`${path} can be read by others; it wants mode 0600 (chmod 600 ${path})`);
  }
  const key = createPrivateKey(readFileSync(path));
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${path} holds a ${key.asymmetricKeyType} key; it wants ed25519`);
  return { publicKey: rawPublicKey(key), sign: (body) => sign(null, body, key).toString('base64') };
}

function makeKey(path: string): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  chmodSync(path, 0o600);
}

/** The last 32 bytes of the DER form are the key itself (RFC 8410). */
function rawPublicKey(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
}
