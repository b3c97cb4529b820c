import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startPrometheus } from '../tools/prometheus.ts';
import { needs, pathOf, type ToolName } from '../tools/tools.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EVIL = { origin: 'http://evil.test' };

describe('threat: web sites that read Prometheus, which of itself lets pages of any origin in', () => {
  test.each([
    ['Prometheus', 'prometheus'],
    ['Prometheus 3', 'prometheus3'],
  ] as [string, ToolName][])('not ours, %s as npm start runs it', needs('prometheus'), async (_, tool) => {
    const options = needs(tool);
    if (options.skip) return;
    const prometheus = await startPrometheus(pathOf(tool));
    for (const path of ['/api/v1/query?query=up', '/api/v1/label/__name__/values', '/metrics', '/-/healthy']) {
      for (const method of ['GET', 'OPTIONS']) {
        const response = await fetch(`${prometheus.url}${path}`, { method, headers: EVIL });
        await response.arrayBuffer();
        expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-allow-origin'))).toEqual([]);
      }
    }
    await prometheus.close();
  });

  test('nor that of compose.yaml, which only this machine reaches', () => {
    const { services } = parse(readFileSync(join(ROOT, 'compose.yaml'), 'utf8'));
    expect(services.prometheus.command).toContain('--web.cors.origin=^$$');
    for (const port of services.prometheus.ports ?? []) expect(port).toContain(':-127.0.0.1}:');
  });
});
