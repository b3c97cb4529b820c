import type { QuestionId } from '../api/client.ts';

/** Made-up usage of four months, the same on every run: what the gallery's stand-in of the query API counts. */
export interface Response {
  at: number;
  labels: { host: string; project: string; model: string; agent: string };
  kinds: Record<string, number>;
  costUsd: number;
  priced: boolean;
  finished: boolean;
  /** The first response of a session. */
  opens: boolean;
}

const DAY = 86_400;
const DAYS = 118;
const projects = [
  'payments-api',
  'web-app',
  'infra',
  'ccmeter',
  'docs',
  'mobile',
  'data-pipeline',
  '<img src=x onerror=alert(1)>',
  'notes',
  'playground',
];
const models = [
  { name: 'claude-opus-4-6', weight: 5, usd: 15, from: 0 },
  { name: 'claude-sonnet-4-5-20250929', weight: 9, usd: 3, from: 0 },
  { name: 'claude-haiku-4-5-20251001', weight: 5, usd: 1, from: 0 },
  { name: 'claude-opus-4-7', weight: 6, usd: 15, from: 80 },
  { name: 'claude-sonnet-4-6', weight: 7, usd: 3, from: 55 },
  { name: 'glm-4.7', weight: 1, usd: null, from: 40 },
];

/** A small generator of numbers from 0 to 1 (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function makeHistory(end: number): Response[] {
  const random = createRandom(7);
  const pick = <Item>(items: readonly Item[], power = 1): Item => items[Math.floor(random() ** power * items.length)] as Item;
  const responses: Response[] = [];
  const midnight = Math.floor(end / DAY) * DAY;
  for (let day = 0; day <= DAYS; day++) {
    const start = midnight - (DAYS - day) * DAY;
    const weekend = [0, 6].includes(new Date(start * 1000).getUTCDay());
    const count = Math.round((weekend ? 1.5 : 5) * (0.5 + random()) * (0.7 + day / DAYS));
    for (let session = 0; session < count; session++) addSession(start + Math.round((8 + random() * 13) * 3600), day);
  }
  addSession(end - 2400, DAYS);
  addSession(end - 900, DAYS);
  return responses.filter((response) => response.at < end).sort((one, other) => one.at - other.at);

  function addSession(begin: number, day: number): void {
    const offered = models.filter((model) => model.from <= day).flatMap((model) => Array.from({ length: model.weight }, () => model));
    const model = pick(offered);
    const place = { host: random() < 0.8 ? 'laptop' : 'build-01', project: pick(projects, 1.8) };
    const length = Math.round(6 + random() ** 3 * 90);
    let context = 18_000;
    let at = begin;
    for (let index = 0; index < length; index++) {
      at += Math.round(10 + random() * 90);
      const sub = random() < 0.18;
      const used = sub ? models[2] : model;
      const written = Math.round(400 + random() * 5200);
      context = Math.min(context + written, 180_000);
      const kinds = {
        input: Math.round(4 + random() * 900),
        output: Math.round(60 + random() ** 2 * 2600),
        cache_read: sub ? Math.round(context / 5) : context,
        cache_write_5m: random() < 0.7 ? written : 0,
        cache_write_1h: random() < 0.3 ? written : 0,
      };
      const usd = used?.usd ?? 0;
      const cost = (kinds.input + kinds.output * 5 + kinds.cache_read * 0.1 + kinds.cache_write_5m * 1.25 + kinds.cache_write_1h * 2) * usd;
      responses.push({
        at,
        labels: { ...place, model: used?.name ?? '', agent: sub ? 'subagent' : 'main' },
        kinds,
        costUsd: cost / 1_000_000,
        priced: used?.usd !== null,
        finished: random() > 0.013,
        opens: index === 0,
      });
    }
  }
}

export interface Asked {
  start: number;
  end: number;
  step: number | null;
  by: string[];
  filters: Record<string, string[]>;
}

export type Grain = { labels: Record<string, string>; value: number };

const tools = ['Bash', 'Read', 'Edit', 'Grep', 'Write', 'Glob', 'Task', 'TodoWrite', 'WebFetch', 'mcp', 'NotebookEdit', 'BashOutput'];
const categories = ['exit_code', 'file_not_found', 'string_not_found', 'timeout', 'permission'];
const agentTypes = ['general-purpose', 'Explore', 'code-reviewer'];
const skills = ['review', 'compact', 'init', 'frontend-design', 'security-review'];
const languages = ['typescript', 'css', 'markdown', 'python', 'json', 'rust'];
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** A number from 0 to 1 that belongs to a response: the same on every run. */
function chance(response: Response, salt: number): number {
  return createRandom(response.at * 31 + salt)();
}

function pickBy<Item>(items: readonly Item[], part: number): Item {
  return items[Math.min(items.length - 1, Math.floor(part * items.length))] as Item;
}

/** The tool call that a response made, if it did. */
function callOf(response: Response): { tool: string; result: string; category: string; seconds: number } | null {
  if (chance(response, 1) > 0.72) return null;
  const tool = pickBy(tools, chance(response, 2) ** 2.2);
  const dice = chance(response, 3);
  const result = dice < 0.06 ? 'error' : dice < 0.085 ? 'rejected' : dice < 0.09 ? 'blocked' : 'ok';
  const scale = tool === 'Bash' ? 4 : tool === 'Task' ? 90 : tool === 'WebFetch' ? 6 : 0.3;
  return { tool, result, category: pickBy(categories, chance(response, 4) ** 1.6), seconds: scale * 10 ** (2.2 * chance(response, 5) - 1) };
}

/** What one response adds to a question. */
function grainsOf(id: QuestionId, response: Response): Grain[] {
  const labels: Record<string, string> = response.labels;
  const one = (value: number, more: Record<string, string> = {}) => (value === 0 ? [] : [{ labels: { ...labels, ...more }, value }]);
  const kinds = () => Object.entries(response.kinds).flatMap(([kind, value]) => one(value, { kind }));
  const call = callOf(response);
  const edits = call !== null && ['Edit', 'Write'].includes(call.tool) && call.result === 'ok';
  const time = new Date(response.at * 1000);
  switch (id) {
    case 'tokens':
      return kinds();
    case 'cost':
      return one(response.costUsd);
    case 'requests':
      return one(1);
    case 'sessions':
      return one(response.opens ? 1 : 0);
    case 'messages':
      return [...one(1, { role: 'assistant' }), ...one(chance(response, 6) < 0.2 ? 1 : 0, { role: 'user' })];
    case 'hour_messages':
      return one(1, { hour: String(time.getUTCHours()).padStart(2, '0'), weekday: weekdays[time.getUTCDay()] ?? '' });
    case 'unpriced_tokens':
      return response.priced ? [] : kinds();
    case 'unfinished_requests':
      return one(response.finished ? 0 : 1);
    case 'tool_calls':
      return call ? one(1, { tool: call.tool, result: call.result }) : [];
    case 'tool_errors':
      return call?.result === 'error' ? one(1, { tool: call.tool, category: call.category }) : [];
    case 'agent_spawns':
      return call?.tool === 'Task' ? one(1, { agent_type: pickBy(agentTypes, chance(response, 7)) }) : [];
    case 'skill_uses':
      return chance(response, 8) < 0.012 ? one(1, { skill: pickBy(skills, chance(response, 9) ** 1.5) }) : [];
    case 'active_seconds':
      return one(20 + Math.round(60 * chance(response, 10)));
    case 'lines': {
      const language = pickBy(languages, chance(response, 11) ** 1.8);
      const added = Math.round(3 + 90 * chance(response, 12) ** 3);
      return edits
        ? [
            ...one(added, { change: 'added', language }),
            ...one(Math.round(added * 0.6 * chance(response, 13)), { change: 'removed', language }),
          ]
        : [];
    }
    case 'commits':
      return one(chance(response, 14) < 0.014 ? 1 : 0);
    case 'pull_requests':
      return one(chance(response, 15) < 0.003 ? 1 : 0);
    case 'compactions':
      return one(chance(response, 16) < 0.004 ? 1 : 0);
    case 'api_errors':
      return one(chance(response, 17) < 0.004 ? 1 : 0, { category: 'overloaded' });
    case 'todos_abandoned':
      return one(response.opens && chance(response, 18) < 0.1 ? 1 : 0);
    case 'agent_tokens':
      return labels.agent === 'subagent' ? one(sumOf(response.kinds), { agent_type: pickBy(agentTypes, chance(response, 7)) }) : [];
    case 'agent_cost':
      return labels.agent === 'subagent' ? one(response.costUsd, { agent_type: pickBy(agentTypes, chance(response, 7)) }) : [];
    case 'file_lines':
      return one(Math.round(6 * chance(response, 20)), { change: chance(response, 21) < 0.7 ? 'added' : 'removed' });
    case 'sessions_resumed':
      return one(response.opens && chance(response, 22) < 0.08 ? 1 : 0);
    case 'versions':
      return one(1, { version: `2.1.${200 + (Math.floor(response.at / (30 * DAY)) % 40)}` });
    default:
      return [];
  }
}

function sumOf(kinds: Readonly<Record<string, number>>): number {
  return Object.values(kinds).reduce((sum, value) => sum + value, 0);
}

/** A size of one response, for questions about quantiles. */
function sizeOf(id: QuestionId, response: Response): Grain[] {
  const call = callOf(response);
  if (id === 'tool_seconds') return call ? [{ labels: { ...response.labels, tool: call.tool }, value: call.seconds }] : [];
  if (id === 'session_seconds') return response.opens ? [{ labels: response.labels, value: 120 * 60 ** chance(response, 19) }] : [];
  return [];
}

/** Answers a question about sizes. */
export function answerQuantile(history: readonly Response[], id: QuestionId, asked: Asked, part: number) {
  const { start, end, step } = asked;
  const groups = new Map<string, { labels: Record<string, string>; sizes: { at: number; value: number }[] }>();
  for (const response of history) {
    if (response.at < start || response.at >= end) continue;
    for (const grain of sizeOf(id, response)) {
      const labels = Object.fromEntries(asked.by.map((name) => [name, grain.labels[name] ?? '']));
      const key = JSON.stringify(labels);
      const group = groups.get(key) ?? { labels, sizes: [] };
      group.sizes.push({ at: response.at, value: grain.value });
      groups.set(key, group);
    }
  }
  const quantile = (sizes: readonly { value: number }[]) =>
    sizes.map(({ value }) => value).sort((a, b) => a - b)[Math.floor(part * sizes.length)] ?? 0;
  const pointsOf = (sizes: readonly { at: number; value: number }[]) => {
    const buckets = new Map<number, { at: number; value: number }[]>();
    for (const size of sizes) {
      const index = Math.floor((size.at - start) / (step ?? 1));
      buckets.set(index, [...(buckets.get(index) ?? []), size]);
    }
    return [...buckets].map(([index, inside]) => [start + index * (step ?? 1), quantile(inside)]);
  };
  const series = [...groups.values()].map(({ labels, sizes }) => ({
    labels,
    value: quantile(sizes),
    points: step === null ? null : pointsOf(sizes),
  }));
  return { id, unit: 'second', start, end, step, series, query: `histogram_quantile(${part}, …)` };
}

/** Answers a question as the query API does. */
export function answerPanel(history: readonly Response[], id: QuestionId, asked: Asked) {
  const series = new Map<string, { labels: Record<string, string>; value: number; points: [number, number][] | null }>();
  const { start, end, step } = asked;
  for (const response of history) {
    if (response.at < start || response.at >= end) continue;
    if (!Object.entries(asked.filters).every(([name, values]) => values.includes(response.labels[name as 'host']))) continue;
    for (const grain of grainsOf(id, response)) add(grain, response.at);
  }
  return {
    id,
    unit: id === 'cost' ? 'usd' : 'token',
    start,
    end,
    step,
    series: [...series.values()],
    query: `sum by (${asked.by.join(', ')}) (max_over_time(ccmeter_${id}_total[${step ?? end - start}s]) - min_over_time(ccmeter_${id}_total[${step ?? end - start}s]))`,
  };

  function add(grain: Grain, at: number): void {
    const labels = Object.fromEntries(asked.by.map((name) => [name, grain.labels[name] ?? '']));
    const key = JSON.stringify(labels);
    const row = series.get(key) ?? { labels, value: 0, points: step === null ? null : bucketsOf() };
    series.set(key, row);
    row.value += grain.value;
    const point = step === null ? undefined : row.points?.[Math.floor((at - start) / step)];
    if (point) point[1] += grain.value;
    // Of what was seen, only that it was there counts.
    if (id !== 'versions') return;
    row.value = 1;
    if (point) point[1] = 1;
  }
  function bucketsOf(): [number, number][] {
    const width = step ?? end - start;
    return Array.from({ length: Math.ceil((end - start) / width) }, (_, index) => [start + index * width, 0]);
  }
}
