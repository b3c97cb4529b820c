import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Credentials, createCredentials } from './credentials.ts';

const headersOf = (credentials: Credentials) => createCredentials(credentials, () => 0)();

test.each([
  [{}, {}],
  [{ token: { text: 'abc' } }, { authorization: 'Bearer abc' }],
  [{ basic: { user: 'u', password: { text: 'p\n' } } }, { authorization: 'Basic dTpw' }],
  [{ tenant: 'team-a' }, { 'x-scope-orgid': 'team-a' }],
  [{ headers: { text: '# ours\nX-A: 1\r\n\nx-b:  two words \n' } }, { 'x-a': '1', 'x-b': 'two words' }],
] as [Credentials, Record<string, string>][])('%j become %j', (credentials, headers) => {
  expect(headersOf(credentials)).toEqual(headers);
});

test.each([
  [{ token: { text: '' } }],
  [{ token: { text: 'a\r\nX-Evil: 1' } }],
  [{ headers: { text: 'no colon' } }],
  [{ headers: { text: 'X A: 1' } }],
  [{ headers: { text: 'X-A: \u0001' } }],
  [{ headers: { file: '/nowhere/at/all' } }],
] as [Credentials][])('%j are refused', (credentials) => {
  expect(() => headersOf(credentials)).toThrow();
});

test('a file is read again when it is old', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-credentials-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'token');
  let ms = 0;
  writeFileSync(file, 'one\n');
  const headers = createCredentials({ token: { file } }, () => ms);
  expect(headers()).toEqual({ authorization: 'Bearer one' });
  writeFileSync(file, 'two\n');
  ms = 9999;
  expect(headers()).toEqual({ authorization: 'Bearer one' });
  ms = 10_000;
  expect(headers()).toEqual({ authorization: 'Bearer two' });
});
