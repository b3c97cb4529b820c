import { expect, test } from 'vitest';
import { ConfigError, readConfig, requireDirectories } from './config.ts';
import { type OptionName, options, saidOf } from './options.ts';

const HOME = { HOME: '/home/ada' };

test('without a word it reads the directories of Claude Code and tells nobody', () => {
  expect(readConfig({}, HOME)).toMatchObject({
    claudeDirs: ['/home/ada/.claude', '/home/ada/.config/claude'],
    claudeDirsNamed: false,
    stateDir: '/home/ada/.local/state/ccmeter/exporter',
    listen: '127.0.0.1',
    port: 10_054,
    eventsUrl: undefined,
    remoteWriteUrl: undefined,
    remoteWriteHeaders: {},
    logLevel: 'info',
  });
});

test.each([
  ['a flag', { port: '1' }, { CCMETER_PORT: '2' }, { text: '1', from: '--port' }],
  ['a variable', {}, { CCMETER_PORT: '2' }, { text: '2', from: 'CCMETER_PORT' }],
  ['nothing, for an empty variable', {}, { CCMETER_PORT: '' }, undefined],
])('%s is what counts', (_, flags, env, said) => {
  expect(saidOf('port', flags, env)).toEqual(said);
  expect(readConfig(flags, { ...HOME, ...env }).port).toBe(Number(said?.text ?? 10_054));
});

test.each([
  ['--claude-dir', { claudeDir: ['/', '/nowhere/at/all'] }, {}],
  ['CLAUDE_CONFIG_DIR', {}, { CLAUDE_CONFIG_DIR: '/, /nowhere/at/all' }],
])('a directory named by %s has to be there', (name, flags, env) => {
  const config = readConfig(flags, { ...HOME, ...env });
  expect(() => requireDirectories(config)).toThrow(`${name} is /nowhere/at/all, which does not exist; it wants the directory that`);
  expect(() => requireDirectories(readConfig({}, HOME))).not.toThrow();
});

test('headers are read as OpenTelemetry writes them', () => {
  const { remoteWriteHeaders } = readConfig(
    {},
    { ...HOME, CCMETER_REMOTE_WRITE_HEADERS: 'Authorization=Bearer%20a%2Cb=, x-scope-orgid = team ' },
  );
  expect(remoteWriteHeaders).toEqual({ authorization: 'Bearer a,b=', 'x-scope-orgid': 'team' });
});

test.each([
  ['a header without a value', {}, { CCMETER_REMOTE_WRITE_HEADERS: 'secret' }, 'CCMETER_REMOTE_WRITE_HEADERS cannot be read'],
  ['a header of two lines', {}, { CCMETER_REMOTE_WRITE_HEADERS: 'a=secret%0d%0ab' }, 'CCMETER_REMOTE_WRITE_HEADERS cannot be read'],
  ['a password in a URL', { remoteWriteUrl: 'https://ada:secret@x/' }, {}, 'CCMETER_REMOTE_WRITE_HEADERS'],
  ['a password in the other URL', { eventsUrl: 'https://ada:secret@x/' }, {}, '--events-url is a URL with a user or password'],
  ['a port of letters', { port: 'ten' }, {}, '--port is ten; it wants a number from 0 to 65535'],
  ['a port of letters in a variable', {}, { CCMETER_PORT: 'ten' }, 'CCMETER_PORT is ten; it wants a number from 0 to 65535'],
  ['an empty state directory', { stateDir: '' }, {}, '--state-dir is empty; it wants a directory that can be written'],
  ['another level', { logLevel: 'loud' }, {}, '--log-level is loud; it wants one of trace'],
])('%s is refused, and secrets are not repeated', (_, flags, env, message) => {
  expect(() => readConfig(flags, { ...HOME, ...env })).toThrow(ConfigError);
  expect(() => readConfig(flags, { ...HOME, ...env })).toThrow(message);
  expect(() => readConfig(flags, { ...HOME, ...env })).not.toThrow('secret');
});

test.each(Object.entries(options) as [OptionName, (typeof options)[OptionName]][])(
  'the row of %s says all there is to say',
  (name, row) => {
    expect(row.flag).toMatch(/^--[a-z]+(-[a-z]+)* <[a-z]+>$/);
    expect(row.flag.slice(2).split(' ')[0]).toBe(name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
    expect(row.variable).toMatch(/^(?:CCMETER_[A-Z_]+|CLAUDE_CONFIG_DIR)$/);
    expect(row.otherwise).not.toBe('');
    expect(row.help).not.toMatch(/\.$/);
  },
);
