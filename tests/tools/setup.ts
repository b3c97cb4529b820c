import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findOnPath, isProgram, run } from '../../deploy/local/command.ts';
import { findPrometheus } from '../../deploy/local/find-prometheus.ts';
import { cacheDir } from '../../deploy/local/options.ts';
import { createVoice } from '../../deploy/local/say.ts';
import { ensureWebBuild } from '../../deploy/local/web-build.ts';
import { findBuilt } from '../native/find.ts';
import { findChromium } from './chromium.ts';
import { serviceOf } from './compose.ts';
import type { Tool, Tools } from './tools.ts';
import { findVictoriaMetrics } from './victoria-metrics.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Gets what the tests need from outside, by itself where it can, once for all of them. */
export default async function setup(project: TestProject): Promise<void> {
  const prometheus = await getPrometheus();
  const prometheus3 = await getPrometheus3(prometheus);
  const docker = await getDocker();
  const tools: Tools = {
    prometheus,
    promtool: beside(prometheus, 'promtool'),
    prometheus3,
    promtool3: beside(prometheus3, 'promtool'),
    victoriametrics: await findVictoriaMetrics(),
    collector: getCollector(),
    compose: await getCompose(),
    manifests: findBuilt(cacheDir(process.env), 'kubernetes', 'read-manifests'),
    chromium: await findChromium(cacheDir(process.env)),
    corpus: getCorpus(),
    docker,
    images: await getImages(docker),
    web: await getWeb(),
  };
  project.provide('tools', tools);
}

async function getPrometheus(): Promise<Tool> {
  const found = await findPrometheus({ cacheDir: cacheDir(process.env), yes: false, voice: createVoice() });
  return 'tried' in found ? { missing: `no Prometheus: ${found.tried.join('; ')}` } : { path: found.program };
}

/** Given by CCMETER_TEST_PROMETHEUS3, or the one that was found where that is of version 3, or the one that was built. */
async function getPrometheus3(found: Tool): Promise<Tool> {
  const given = process.env.CCMETER_TEST_PROMETHEUS3;
  if (given) return isProgram(given) ? { path: given } : { missing: `CCMETER_TEST_PROMETHEUS3=${given} is not a program` };
  if ('path' in found && /version 3\./.test((await run(found.path, ['--version'])).stdout)) return found;
  const built = findBuilt(cacheDir(process.env), 'prometheus', 'prometheus');
  return 'path' in built ? built : { missing: `Prometheus 3 not available: ${built.missing}` };
}

function getCollector(): Tool {
  const given = process.env.CCMETER_TEST_COLLECTOR;
  if (given) return isProgram(given) ? { path: given } : { missing: `CCMETER_TEST_COLLECTOR=${given} is not a program` };
  const built = findBuilt(cacheDir(process.env), 'collector', 'otelcol-ccmeter');
  return 'path' in built ? built : { missing: `no OpenTelemetry Collector: ${built.missing}` };
}

/** The program beside another, else on the PATH. */
function beside(tool: Tool, name: string): Tool {
  if ('missing' in tool) return { missing: tool.missing };
  const path = [join(dirname(tool.path), name), findOnPath(name) ?? ''].find(isProgram);
  return path ? { path } : { missing: `no ${name} beside ${tool.path}` };
}

function getCorpus(): Tool {
  const path = join(ROOT, '..', 'shared', 'data', 'corpus');
  return existsSync(path) ? { path } : { missing: 'no ../shared data' };
}

async function getDocker(): Promise<Tool> {
  const path = findOnPath('docker');
  if (path && (await run(path, ['info'], { timeoutMs: 10_000 })).code === 0) return { path };
  return { missing: path ? 'no Docker engine answers' : 'no Docker engine: there is no docker on the PATH' };
}

async function getImages(docker: Tool): Promise<Tool> {
  if ('missing' in docker) return docker;
  for (const name of ['collector', 'prometheus']) {
    const { image } = serviceOf(name);
    if ((await run(docker.path, ['image', 'inspect', image])).code === 0) continue;
    const pulled = await run(docker.path, ['pull', '--quiet', image], { timeoutMs: 300_000 });
    if (pulled.code !== 0) return { missing: `no Docker image ${image}` };
  }
  return docker;
}

/** As a plugin of docker, or as a program of its own of version 2 or later, or the one that was built. */
async function getCompose(): Promise<Tool> {
  const docker = findOnPath('docker');
  if (docker && (await run(docker, ['compose', 'version'])).code === 0) return { path: docker };
  const own = process.env.CCMETER_TEST_COMPOSE ?? findOnPath('docker-compose');
  if (own && /^Docker Compose version/.test((await run(own, ['version'])).stdout)) return { path: own };
  const built = findBuilt(cacheDir(process.env), 'compose', 'docker-compose');
  return 'path' in built ? built : { missing: `no docker compose: ${built.missing}` };
}

async function getWeb(): Promise<Tool> {
  const path = await ensureWebBuild(ROOT, createVoice());
  return existsSync(join(path, 'index.html')) ? { path } : { missing: 'the dashboard could not be built' };
}
