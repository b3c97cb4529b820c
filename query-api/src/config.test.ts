import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { ConfigError, options, readConfig } from './config.ts';

test('defaults are those of the table', () => {
  const config = readConfig([], {});
  expect(config).toMatchObject({
    port: 10055,
    listen: '127.0.0.1',
    prometheusUrl: 'http://127.0.0.1:10056',
    allowHosts: [],
    sourceKeys: [],
    sourceKeysFile: '',
    sourceKeysUrl: '',
    sendRate: 100,
    keepDays: 400,
    keepMegabytes: 2048,
  });
});

test('a flag wins over its variable, a variable over the default', () => {
  const env = { CCMETER_API_PORT: '1', CCMETER_API_LOG_LEVEL: 'warn', CCMETER_API_LISTEN: '' };
  expect(readConfig(['--port', '2'], env)).toMatchObject({ port: 2, logLevel: 'warn', listen: '127.0.0.1' });
});

test('repeated options add up, with commas in the variable', () => {
  expect(readConfig(['--allow-host', 'a.test', '--allow-host', 'B.test'], {}).allowHosts).toEqual(['a.test', 'b.test']);
  expect(readConfig([], { CCMETER_API_ALLOW_HOST: 'a.test, b.test,' }).allowHosts).toEqual(['a.test', 'b.test']);
});

test('the address of Prometheus keeps its path and loses the slash at its end', () => {
  expect(readConfig(['--prometheus-url', 'https://mimir.test/prometheus/'], {}).prometheusUrl).toBe('https://mimir.test/prometheus');
});

test('a source key is read as Ed25519', () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
  const [read] = readConfig(['--source-key', `laptop=${raw}`], {}).sourceKeys;
  expect(read?.source).toBe('laptop');
  expect(read?.key.equals(publicKey)).toBe(true);
});

test.each([
  [['--port', '65536'], {}, '--port: got "65536", wanted a whole number from 0 to 65535'],
  [['--port', '1e3'], {}, '--port: got "1e3"'],
  [[], { CCMETER_API_PORT: 'x' }, 'CCMETER_API_PORT: got "x"'],
  [['--listen', 'everywhere'], {}, '--listen: got "everywhere", wanted an address'],
  [['--prometheus-url', 'file:///etc/passwd'], {}, '--prometheus-url: got "file:///etc/passwd", wanted an http'],
  [['--prometheus-url', 'http://user:secret@host'], {}, '--prometheus-url: got'],
  [['--allow-host', 'http://a.test'], {}, '--allow-host: got "http://a.test", wanted a host name'],
  [['--source-key', 'laptop=short'], {}, '--source-key: got "laptop=short", wanted source=key'],
  [['--log-level', 'loud'], {}, '--log-level: got "loud", wanted one of trace'],
  [['--nonsense'], {}, "unknown option '--nonsense'"],
  [['stray'], {}, 'too many arguments'],
])('refuses %j %j with one message', (args, env, message) => {
  expect(() => readConfig(args, env)).toThrow(ConfigError);
  expect(() => readConfig(args, env)).toThrow(message);
});

test('every default is a right value', () => {
  for (const option of Object.values(options)) {
    if (!option.repeated) expect(option.read(option.preset), option.flag).toBeDefined();
  }
});
