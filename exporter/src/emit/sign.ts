import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeStateDir } from '../state-dir.ts';

/** The key with which events are signed, so that the query API knows whose they are. */
export interface Signer {
  /** The raw 32 bytes of the public key, base64: what the query API is told. */
  publicKey: string;
  /** Base64 Ed25519 signature over the bytes as sent. */
  sign(body: Buffer): string;
}

/** There is no key, or none that can be used. */
export class KeyError extends Error {}

/** Where a key comes from: the variable goes before the file, and where it holds no key the file is not asked instead. */
export interface KeyPlace {
  /** `key.pem` of the state directory. */
  file: string;
  /** The environment variable CCMETER_PRIVATE_KEY. */
  variable: string | undefined;
}

/**
 * Loads the key of this exporter, and makes one where there is none. The file is readable by its owner only.
 *
 * @throws KeyError
 */
export function loadSigner(place: KeyPlace): Signer {
  if (!isGiven(place) && !existsSync(place.file)) makeKey(place.file);
  const key = loadKey(place);
  return { publicKey: rawPublicKey(key), sign: (body) => sign(null, body, key).toString('base64') };
}

/** The key in 32 bytes, base64: all that has to be known to sign in its name, and what it is known by. */
export function exportKey(place: KeyPlace): { privateKey: string; publicKey: string } {
  if (!isGiven(place) && !existsSync(place.file)) throw new KeyError(`there is no key at ${place.file}; \`exporter init\` makes one`);
  const key = loadKey(place);
  return { privateKey: rawPrivateKey(key), publicKey: rawPublicKey(key) };
}

/** Makes a new key, in place of the one that was there. */
export function makeKey(file: string): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  makeStateDir(dirname(file));
  // Written beside it and then renamed: there is never half a key, and never one that others can read.
  const fresh = `${file}.new`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  renameSync(fresh, file);
}

function isGiven({ variable }: KeyPlace): boolean {
  return variable !== undefined && variable !== '';
}

function loadKey({ file, variable }: KeyPlace): KeyObject {
  return variable !== undefined && variable !== '' ? readVariable(variable) : readFile(file);
}

/** What stands before the 32 bytes in the DER form of a key (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

function readVariable(text: string): KeyObject {
  const plain = text.trim().replace(/=+$/, '');
  // The secret is not repeated.
  if (!/^[\w+/-]{43}$/.test(plain))
    throw new KeyError('CCMETER_PRIVATE_KEY holds no key; it wants base64 of 32 bytes, as export-key prints it');
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, Buffer.from(plain, 'base64url')]), format: 'der', type: 'pkcs8' });
}

function readFile(file: string): KeyObject {
  // Windows has no such modes.
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new KeyError(`${file} can be read by others; it wants mode 0600 (chmod 600 ${file})`);
  }
  const text = readFileSync(file);
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch (cause) {
    throw new KeyError(`${file} holds no key; it wants an Ed25519 key in PEM (\`exporter init --force\` makes a new one)`, { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new KeyError(`${file} holds a ${key.asymmetricKeyType} key; it wants ed25519`);
  return key;
}

/** The last 32 bytes of the DER form are the key itself (RFC 8410). */
function rawPublicKey(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
}

function rawPrivateKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'der' }).subarray(-32).toString('base64');
}
