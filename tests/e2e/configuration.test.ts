import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readServices } from '../tools/compose.ts';
import { needs, pathOf, type ToolName } from '../tools/tools.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** compose.yaml before variables are filled in. */
const services = readServices();

describe.each([
  ['promtool', 'promtool'],
  ['promtool 3', 'promtool3'],
] as [string, ToolName][])('%s', (_, tool) => {
  test('takes prometheus.yml with its rules', needs(tool), () => {
    const directory = workDirectory();
    copyFileSync(join(ROOT, 'prometheus.yml'), join(directory, 'prometheus.yml'));
    mkdirSync(join(directory, 'rules'));
    for (const file of readdirSync(join(ROOT, 'deploy/prometheus/rules'))) {
      copyFileSync(join(ROOT, 'deploy/prometheus/rules', file), join(directory, 'rules', file));
    }
    execFileSync(pathOf(tool), ['check', 'config', join(directory, 'prometheus.yml')], { stdio: 'pipe' });
  });
});

test.each([
  ['alone', []],
  ['with nothing beside it, as by default', ['deploy/collector/none.yaml', 'deploy/collector/none.yaml']],
  ['with tokens', ['deploy/collector/with-token.yaml']],
  ['with remote write', ['deploy/collector/remote-write.yaml']],
  ['with both', ['deploy/collector/with-token.yaml', 'deploy/collector/remote-write.yaml']],
])('the collector takes its configuration, %s', needs('collector'), (_, files) => {
  const directory = workDirectory();
  const tokens = join(directory, 'tokens');
  writeFileSync(tokens, 'secret\n');
  const env = { CCMETER_COLLECTOR_QUEUE: directory, CCMETER_COLLECTOR_TOKENS_FILE: tokens };
  const configurations = ['otel-collector-config.yaml', ...files].map((file) => `--config=${join(ROOT, file)}`);
  execFileSync(pathOf('collector'), ['validate', ...configurations], { env: { ...process.env, ...env }, stdio: 'pipe' });
});

test.each([
  ['as it is', {}],
  ['with the exporter', { COMPOSE_PROFILES: 'exporter' }],
  ['with other addresses', { BIND: '0.0.0.0', GRAFANA_PORT: '3001', COLLECTOR_EXTRA: 'with-token.yaml' }],
])('docker compose takes compose.yaml, %s', needs('compose'), (_, variables) => {
  const program = pathOf('compose');
  const args = program.endsWith('docker') ? ['compose'] : [];
  const env = { ...process.env, ...variables };
  execFileSync(program, [...args, '-f', 'compose.yaml', 'config', '--quiet'], { cwd: ROOT, env, stdio: 'pipe' });
});

describe('compose.yaml', () => {
  const all = Object.entries(services);

  test.each(all)('threat: container escape: %s is held tight', (_, service) => {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
    expect(service.mem_limit).toBeDefined();
    for (const port of service.ports ?? []) expect(port).toMatch(/^\$\{BIND(_PROMETHEUS)?:-127\.0\.0\.1\}:\$\{\w+:-\d+\}:\d+$/);
  });

  test.each(all.filter(([, { build }]) => build === undefined))('%s is pinned by digest', (_, { image }) => {
    expect(image).toMatch(/:\$\{\w+:-v?\d+\.\d+\.\d+@sha256:[0-9a-f]{64}\}$/);
  });

  test('only what changes an owner runs as root', () => {
    expect(all.filter(([, { user }]) => user?.startsWith('0')).map(([name]) => name)).toEqual(['collector-queue']);
  });

  test('the version of the collector is the one that is tested', () => {
    expect(services.collector?.image).toContain(`:-${parse(read('tests/native/collector/builder.yaml')).dist.version}@`);
  });

  test('every variable is in .env.example with the same default', () => {
    const used = new Map<string, string>();
    for (const [, name = '', preset = ''] of read('compose.yaml').matchAll(/\$\{(\w+):?-([^}]*)\}/g)) used.set(name, preset);
    const told = new Map([...read('.env.example').matchAll(/^#(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
    expect([...told.keys()].sort()).toEqual([...used.keys()].sort());
    for (const [name, value] of told)
      if (!name.endsWith('_VERSION') || name === 'CCMETER_VERSION') expect(value, name).toBe(used.get(name));
  });

  test('files that are mounted exist', () => {
    for (const [, path = ''] of read('compose.yaml').matchAll(/- (\.\/[^:$]+):/g)) expect(() => readdirOrFile(path), path).not.toThrow();
  });
});

describe('the Dockerfile', () => {
  const text = read('deploy/docker/Dockerfile');

  test('pins what it starts from by digest, and has the targets of compose.yaml', () => {
    for (const [, image] of text.matchAll(/^ARG \w+_IMAGE=(.*)$/gm)) expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
    const stages = [...text.matchAll(/^FROM .* AS (\S+)$/gm)].map(([, name]) => name);
    for (const { build } of Object.values(services)) if (build) expect(stages).toContain(build.target);
  });

  test('copies only what is there', () => {
    for (const [, sources = ''] of text.matchAll(/^COPY (?!--)(.*) \S+$/gm)) {
      for (const source of sources.split(' ')) expect(() => readdirOrFile(source), source).not.toThrow();
    }
  });
});

test('the manifests of Kubernetes fit together, and each has only fields that its kind has', needs('manifests'), () => {
  const said = execFileSync(pathOf('manifests'), [join(ROOT, 'deploy/kubernetes')], { encoding: 'utf8', stdio: 'pipe' });
  const kinds = parseAllDocuments(said).map((document) => document.get('kind'));
  expect(kinds.sort()).toEqual(
    [['ConfigMap', 'Namespace'], ...['NetworkPolicy', 'Service', 'ServiceMonitor', 'StatefulSet'].map((kind) => [kind, kind])].flat(),
  );
  expect(said).toContain(services.collector?.image.replace(/\$\{\w+:-(.*)\}/, '$1'));
});

function readdirOrFile(path: string): void {
  try {
    readdirSync(join(ROOT, path));
  } catch {
    readFileSync(join(ROOT, path));
  }
}

function workDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ccmeter-configuration-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
