import { expect, test } from 'vitest';
import { cacheDir, defaultStateDir, readOptions } from './options.ts';

test('has defaults for everything', () => {
  expect(readOptions([], { HOME: '/home/someone' })).toEqual({
    claudeDirs: [],
    stateDir: '/home/someone/.local/state/ccmeter',
    port: 10055,
    exporterPort: 10054,
    prometheusPort: 10056,
    prometheusUrl: undefined,
    yes: false,
    open: true,
  });
});

test('takes several directories, and switches', () => {
  const options = readOptions(['--claude-dir', '/tmp', '--claude-dir', '/', '--yes', '--no-open', '--port', '0']);
  expect(options).toMatchObject({ claudeDirs: ['/tmp', '/'], yes: true, open: false, port: 0 });
});

test.each([
  [['--claude-dir', '/nowhere/at/all'], '--claude-dir /nowhere/at/all: there is no such directory'],
  [['--port', '70000'], '--port 70000: wants a port'],
  [['--exporter-port', 'abc'], '--exporter-port abc: wants a port'],
  [['--prometheus-url', 'localhost:9090'], '--prometheus-url localhost:9090: wants a URL'],
  [['--port', '9000', '--prometheus-port', '9000'], '--prometheus-port 9000: that is the port of --port too'],
  [['--port', '10054'], '--exporter-port 10054: that is the port of --port too'],
  [['--colour'], "Unknown option '--colour'"],
])('names what is wrong with %j', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});

test('free ports, and the port of a Prometheus that is not started, may be given twice', () => {
  expect(readOptions(['--port', '0', '--exporter-port', '0']).exporterPort).toBe(0);
  expect(readOptions(['--port', '10056', '--prometheus-url', 'http://x:1']).port).toBe(10056);
});

test('follows the XDG directories where they are set', () => {
  expect(defaultStateDir({ XDG_STATE_HOME: '/s' })).toBe('/s/ccmeter');
  expect(cacheDir({ XDG_CACHE_HOME: '/c' })).toBe('/c/ccmeter');
});
