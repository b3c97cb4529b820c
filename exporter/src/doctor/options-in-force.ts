import { OTEL_VARIABLES } from '../help.ts';
import { type Flags, nameOf, type OptionName, type OptionRow, options, RUN_OPTIONS, saidOf, variables } from '../options.ts';
import { type Finding, ok, type Patient, plural, warning } from './finding.ts';

/** One option as it is in force. */
export interface OptionInForce {
  name: string;
  /** Secrets are not shown. */
  value: string;
  /** The flag, the variable, or `default`. */
  from: string;
}

type Environment = Record<string, string | undefined>;

const HIDDEN = '(not shown)';

/** Variables whose value is, or may hold, a secret. */
const SECRET = /KEY|HEADERS|TOKEN|SECRET|PASSWORD/;

/** Every option of `run`, every variable that is set and means something, and where each comes from. */
export function listOptions(flags: Flags, env: Environment): OptionInForce[] {
  const ofRun = RUN_OPTIONS.map((name: OptionName) => {
    const row: OptionRow = options[name];
    const { text, from } = saidOf(name, flags, env) ?? { text: row.otherwise, from: 'default' };
    return { name: nameOf(row.flag), value: withoutQuery(text), from };
  });
  const known = [...Object.keys(variables), ...Object.keys(env).filter((name) => isOfOpenTelemetry(name))];
  const ofEnvironment = known
    .filter((name) => env[name] !== undefined && env[name] !== '')
    .map((name) => ({ name, value: SECRET.test(name) ? HIDDEN : withoutQuery(env[name] ?? ''), from: 'variable' }));
  return [...ofRun, ...ofEnvironment];
}

/** The query of an address may hold a token. */
function withoutQuery(value: string): string {
  return /^https?:\/\//.test(value) ? value.replace(/\?.*$/, `?${HIDDEN}`) : value;
}

function isOfOpenTelemetry(name: string): boolean {
  const general = name.replace('OTEL_EXPORTER_OTLP_METRICS_', 'OTEL_EXPORTER_OTLP_');
  return Object.hasOwn(OTEL_VARIABLES, name) || Object.hasOwn(OTEL_VARIABLES, general) || /_CLIENT_(?:KEY|CERTIFICATE)$/.test(name);
}

/** Variables of ours that mean nothing: they have a typing error, or belong to another part. */
export async function lookAtOptions({ env }: Patient): Promise<Finding> {
  const known = [...RUN_OPTIONS.flatMap((name) => (options[name] as OptionRow).variable ?? []), ...Object.keys(variables)];
  const strangers = Object.keys(env).filter((name) => /^CCMETER_/.test(name) && !known.includes(name) && !OF_OTHERS.test(name));
  const [first] = strangers;
  if (first === undefined) return ok(`${plural(known.filter((name) => env[name]).length, 'variable')} of ours set.`);
  const near = known.map((name) => ({ name, steps: distance(name, first) })).sort((a, b) => a.steps - b.steps)[0];
  const guess = near !== undefined && near.steps <= 4 ? ` Is ${near.name} meant?` : '';
  return warning(`${strangers.join(', ')}: no such variable.`, `Nothing reads it here.${guess}`);
}

/** Of the query API, of compose.yaml and of tests and benches. */
const OF_OTHERS = /^CCMETER_(?:API|COLLECTOR|TEST|BENCH|PROMETHEUS|GRAFANA|IMAGE|KEY|CLAUDE_DIR)/;

/** How many letters have to be put in, taken out or changed to make one word the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
