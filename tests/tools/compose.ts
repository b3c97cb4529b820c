import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..');

/** What tests look at of a service of compose.yaml. */
export interface Service {
  image: string;
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  ports?: string[];
  volumes?: string[];
  command?: string[];
  environment?: Record<string, string>;
  build?: { target: string };
}

/** The services of compose.yaml with its merge keys followed, before variables are filled in. */
export function readServices(): Record<string, Service> {
  return parse(readFileSync(join(ROOT, 'compose.yaml'), 'utf8'), { merge: true }).services;
}

/** Variables filled in as compose does it, from the environment. */
function interpolate(text: string, env: NodeJS.ProcessEnv = process.env): string {
  return text.replaceAll(/\$\$|\$\{(\w+):?-([^}]*)\}/g, (whole, name = '', preset = '') => (whole === '$$' ? '$' : env[name] || preset));
}

/** The service of a name, with its variables filled in. */
export function serviceOf(name: string): Service {
  const service = readServices()[name];
  if (service === undefined) throw new Error(`compose.yaml has no service ${name}`);
  return JSON.parse(interpolate(JSON.stringify(service)));
}
