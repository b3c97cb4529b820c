import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { installService, uninstallService } from './install.ts';
import { parseRunOptions, toArguments } from './run-options.ts';
import { describeService, type Service } from './unit.ts';

function plan(home: string) {
  return {
    node: '/opt/node/bin/node',
    script: '/opt/cc meter/main.ts',
    args: ['--host', '100%'],
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://server:4317' },
    home,
    claudeDirs: [join(home, '.claude')],
    stateDir: join(home, 'state'),
  };
}

function setUp(platform: NodeJS.Platform = 'linux') {
  const home = mkdtempSync(join(tmpdir(), 'ccmeter-service-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const service = describeService(platform, plan(home), 501) as Service;
  const said: string[] = [];
  const commands: string[] = [];
  const hands = { say: (text: string) => said.push(text), run: (command: readonly string[]) => commands.push(command.join(' ')) };
  return { home, service, said, commands, hands };
}

test.each(['linux', 'darwin', 'win32'] as const)('on %s it is written and started, once, and taken away again', (platform) => {
  const { home, service, said, commands, hands } = setUp(platform);
  installService(service, join(home, 'state'), false, hands);
  expect(readFileSync(service.file, 'utf8')).toBe(service.content);
  expect(commands).toEqual(service.install.map((command) => command.join(' ')));
  expect(said.join('')).toContain(service.content);

  commands.length = 0;
  installService(service, join(home, 'state'), false, hands);
  expect(commands).toEqual([]);

  uninstallService(service, false, hands);
  expect(existsSync(service.file)).toBe(false);
  expect(commands).toEqual(service.uninstall.map((command) => command.join(' ')));
  uninstallService(service, false, hands);
  expect(said.at(-1)).toContain('nothing is installed');
});

test('an older one is stopped and replaced', () => {
  const { home, service, commands, hands } = setUp();
  installService(service, join(home, 'state'), false, hands);
  writeFileSync(service.file, 'older');
  commands.length = 0;
  installService(service, join(home, 'state'), false, hands);
  expect(commands).toEqual([...service.uninstall, ...service.install].map((command) => command.join(' ')));
});

test('showing changes nothing', () => {
  const { home, service, said, commands, hands } = setUp();
  installService(service, join(home, 'state'), true, hands);
  expect(existsSync(service.file)).toBe(false);
  expect(existsSync(join(home, 'state'))).toBe(false);
  expect(commands).toEqual([]);
  expect(said.join('')).toContain('systemctl --user enable');
});

test('what cannot be stopped goes all the same', () => {
  const { home, service, said, hands } = setUp();
  installService(service, join(home, 'state'), false, hands);
  const refuse = () => {
    throw new Error('not loaded');
  };
  uninstallService(service, false, { ...hands, run: refuse });
  expect(existsSync(service.file)).toBe(false);
  expect(said.join('')).toContain('not loaded');
});

test('the unit may write its state alone, and texts are taken literally', () => {
  const { home, service } = setUp();
  expect(service.content).toContain('ExecStart=/opt/node/bin/node "/opt/cc meter/main.ts" run --host 100%%\n');
  expect(service.content).toContain(`ReadOnlyPaths=-${home}/.claude\nReadWritePaths=${home}/state\n`);
  expect(service.content).toContain('Environment=OTEL_EXPORTER_OTLP_ENDPOINT=http://server:4317\n');
  expect(service.content).toMatch(/MemoryMax=512M\n[\s\S]*NoNewPrivileges=yes\nProtectSystem=strict\nProtectHome=read-only\n/);
});

test('options of run are checked before anything is written', () => {
  expect(parseRunOptions(['--claude-dir', 'a', '--claude-dir', 'b', '--port', '0'])).toEqual({ claudeDir: ['a', 'b'], port: '0' });
  expect(() => parseRunOptions(['--prot', '0'])).toThrow('options of `run` stand after --');
});

test('directories are told in full, since a service starts elsewhere', () => {
  expect(toArguments({ claudeDir: ['a'], port: '1' })).toEqual(['--claude-dir', join(process.cwd(), 'a'), '--port', '1']);
});
