import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** The collector's configuration as Kubernetes takes it: the very files that compose.yaml mounts. */
export function collectorConfigMap(): string {
  const data = { 'config.yaml': read('otel-collector-config.yaml'), 'with-token.yaml': read('deploy/collector/with-token.yaml') };
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'collector-config' }, data };
  return `# Made by \`npm run generate\` from otel-collector-config.yaml and deploy/collector.\n${stringify(map, { lineWidth: 0 })}`;
}
