import { expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { openCredentials, scopesOf } from './options.ts';

const configOf = (...args: string[]) => readConfig(args, {});

test.each([
  [[], { CCMETER_API_PROMETHEUS_TOKEN: 't' }, { authorization: 'Bearer t' }],
  [['--prometheus-user', 'u'], { CCMETER_API_PROMETHEUS_PASSWORD: 'p' }, { authorization: 'Basic dTpw' }],
  [['--prometheus-tenant', 'team'], { CCMETER_API_PROMETHEUS_HEADERS: 'X-A: 1' }, { 'x-a': '1', 'x-scope-orgid': 'team' }],
  [[], {}, {}],
] as [string[], Record<string, string>, Record<string, string>][])('%j with %j become headers', (args, env, headers) => {
  expect(openCredentials(configOf(...args), env)()).toEqual(headers);
});

test.each([
  [['--prometheus-user', 'u'], {}, '--prometheus-user: wants a password'],
  [[], { CCMETER_API_PROMETHEUS_PASSWORD: 'p' }, '--prometheus-user: wants a password'],
  [['--prometheus-user', 'u'], { CCMETER_API_PROMETHEUS_PASSWORD: 'p', CCMETER_API_PROMETHEUS_TOKEN: 't' }, 'either a token or a user'],
  [['--prometheus-token-file', '/x'], { CCMETER_API_PROMETHEUS_TOKEN: 't' }, 'is set as well'],
  [['--prometheus-token-file', '/nowhere/at/all'], {}, 'credentials for Prometheus: ENOENT'],
] as [string[], Record<string, string>, string][])('%j with %j are refused', (args, env, message) => {
  expect(() => openCredentials(configOf(...args), env)).toThrow(message);
});

test('there is no option that takes a secret itself', () => {
  expect(() => configOf('--prometheus-token', 'x')).toThrow('unknown option');
  expect(() => configOf('--prometheus-password', 'x')).toThrow('unknown option');
});

test('scopes are put together by user and label', () => {
  const { scopes } = configOf('--scope', 'ann:project=a', '--scope', 'ann:project=b=c', '--scope', '*:host=h');
  expect(Object.fromEntries(scopesOf(scopes))).toEqual({ ann: { project: ['a', 'b=c'] }, '*': { host: ['h'] } });
});

test.each(['ann', 'ann:project', 'ann:project=', ':project=a', 'ann:pro ject=a'])('--scope %j is refused', (text) => {
  expect(() => configOf('--scope', text)).toThrow('--scope: got');
});
