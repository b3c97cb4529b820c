import { createPublicKey, verify } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../testing.ts';
import { exportKey, KeyError, loadSigner, makeKey } from './sign.ts';

/** RFC 8032, section 7.1, test 1. */
const SEED = 'nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=';
const PUBLIC = '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';

test('a key is made where there is none, readable by its owner alone, and is the same from then on', () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'new', 'key.pem');
  const { publicKey } = loadSigner({ file, variable: undefined });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory.path, 'new')).mode & 0o777).toBe(0o700);
  expect(loadSigner({ file, variable: undefined }).publicKey).toBe(publicKey);
  makeKey(file);
  expect(loadSigner({ file, variable: undefined }).publicKey).not.toBe(publicKey);
});

test('the key of the variable goes before the file, which is then neither read nor made', () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'key.pem');
  for (const variable of [SEED, SEED.replace('=', ''), SEED.replaceAll('/', '_'), `${SEED}\n`]) {
    expect(exportKey({ file, variable })).toEqual({ privateKey: SEED, publicKey: PUBLIC });
  }
  expect(() => statSync(file)).toThrow('ENOENT');
  const body = Buffer.from('[]');
  const signature = Buffer.from(loadSigner({ file, variable: SEED }).sign(body), 'base64');
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(PUBLIC, 'base64').toString('base64url') },
    format: 'jwk',
  });
  expect(verify(null, body, key, signature)).toBe(true);
});

test.each(['nonsense', SEED.slice(4), `${SEED.slice(0, -1)}AAAA`, '-----BEGIN PRIVATE KEY-----'])(
  'a variable that holds no key stops it, and the file is not asked instead: %s',
  (variable) => {
    using directory = temporaryDirectory();
    const file = join(directory.path, 'key.pem');
    makeKey(file);
    const before = readFileSync(file);
    expect(() => loadSigner({ file, variable })).toThrow(KeyError);
    // A secret with a typing error is a secret.
    expect(() => loadSigner({ file, variable })).not.toThrow(variable);
    expect(readFileSync(file)).toEqual(before);
  },
);

test.each([0o644, 0o640, 0o620, 0o601])('a file with mode %o is refused, whatever is in it', (mode) => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'key.pem');
  makeKey(file);
  chmodSync(file, mode);
  expect(() => loadSigner({ file, variable: undefined })).toThrow(/mode 0600/);
  expect(() => exportKey({ file, variable: undefined })).toThrow(/mode 0600/);
});

test('a file that holds no key of ours is refused', () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, 'key.pem');
  expect(() => exportKey({ file, variable: undefined })).toThrow('there is no key');
  writeFileSync(file, 'not a key', { mode: 0o600 });
  expect(() => loadSigner({ file, variable: undefined })).toThrow(KeyError);
});
