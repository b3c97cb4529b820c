import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metrics } from '../../exporter/src/contract/index.ts';
import { isLedgerMetric } from '../../exporter/src/ledger/rows.ts';
import { scaleOf } from '../../exporter/src/meter/record.ts';
import { createPriceBook } from '../../exporter/src/price/cost.ts';
import type { Rates } from '../../exporter/src/price/prices.ts';
import type { SessionDetail, SessionSummary } from '../../query-api/src/client.ts';
import { isQuestionId, type Question, type QuestionId, questions } from '../../query-api/src/promql/queries.ts';
import { labelText } from '../../web/src/format/labels.ts';
import { formatChange, formatCompact, formatCount, formatUsd, formatUsdExact } from '../../web/src/format/number.ts';
import { formatDuration, formatWeekday } from '../../web/src/format/time.ts';
import { inForce } from '../../web/src/store/price-book.ts';
import type { Range } from '../../web/src/store/range.ts';
import { writeShowcase } from '../fixtures/showcase.ts';
import { startBrowser } from '../tools/browser.ts';
import { type Asker, createAsker, differences, Expected, figuresOn, pick, type Sums, total } from '../tools/expected.ts';
import { type Change, changesOn, type Figure } from '../tools/figures.ts';
import { readLedger } from '../tools/ledger.ts';
import { openPage, untilShown } from '../tools/pages.ts';
import { nextMinute } from '../tools/panels.ts';
import { getJson } from '../tools/parts.ts';
import { needs } from '../tools/tools.ts';
import { startWorld, type World } from '../tools/world.ts';

/**
 * Every number that a view shows is the answer to a question of the query API, and every answer is what the ledger's change log says: on a
 * fixed history, over a range of whole minutes that begins and ends at odd ones. A number that is not told of here fails the test of its view.
 */

const options = needs('prometheus', 'chromium', 'web');
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

let world: World;
let browser: Browser;
let asker: Asker;
let range: Range;

beforeAll(async () => {
  if (options.skip) return;
  world = await startWorld((claudeDir) => writeShowcase(claudeDir, { endMs: Date.now() - 20_000, seed: 9 }));
  asker = createAsker(world.api.url);
  const end = nextMinute() / 1000 + MINUTE;
  range = { start: end - 9 * DAY - 7 * HOUR - 13 * MINUTE, end };
  browser = await startBrowser();
});

afterAll(async () => {
  if (options.skip) return;
  await browser.close();
  await world.close();
});

test('the answers of the query API are what the ledger says, of every counter by every label, in steps, too', options, async () => {
  const ledger = readLedger(world.stateDir);
  const differing: string[] = [];
  let compared = 0;
  const all: [string, Question][] = Object.entries(questions);
  for (const [id, { kind, metric, labels }] of all) {
    if (kind !== 'added' || !isLedgerMetric(metric) || !isQuestionId(id)) continue;
    for (const label of labels.filter((one) => one !== 'host')) {
      const wanted = ledger.addedBy(metric, label, range.start * 1000, range.end * 1000);
      for (const step of ['', '3600', '86400']) {
        const series = await asker.ask(id, range, { by: label, ...(step ? { step } : {}) });
        const place = (value: string) => `${id} by ${label}=${value}${step && ` in steps of ${step}`}`;
        for (const { labels: of, points, value } of series) {
          const shown = points === null ? value : points.reduce((sum, [, point]) => sum + point, 0);
          const known = wanted.get(of[label] ?? '') ?? 0;
          if (Math.round(shown * scaleOf(metric)) !== known) differing.push(`${place(of[label] ?? '')}: ${shown}, in the ledger ${known}`);
        }
        const missing = [...wanted.keys()].filter((value) => !series.some(({ labels: of }) => of[label] === value));
        differing.push(...missing.map((value) => `${place(value)}: is missing`));
        compared += wanted.size;
      }
    }
  }
  expect(differing).toEqual([]);
  expect(compared).toBeGreaterThan(200);
});

test('quantiles are those of the buckets in the ledger', options, async () => {
  const ledger = readLedger(world.stateDir);
  for (const [id, metric] of [
    ['tool_seconds', 'ccmeter_tool_duration_seconds'],
    ['session_seconds', 'ccmeter_session_duration_seconds'],
  ] as const) {
    const parts = ledger.addedBy(metric, 'le', range.start * 1000, range.end * 1000);
    const bounds: readonly number[] = [0, ...metrics[metric].buckets];
    const all = parts.get('count') ?? 0;
    const count = (bound = 0) => (bound === 0 ? 0 : (parts.get(String(bound)) ?? parts.get(bound.toFixed(1)) ?? 0));
    expect(all).toBeGreaterThan(10);
    for (const quantile of [0.5, 0.95]) {
      const place = quantile * all;
      const at = bounds.findIndex((bound) => count(bound) >= place);
      const [low = 0, high = 0] = [bounds[at - 1], bounds[at]];
      const right = low + ((high - low) * (place - count(low))) / (count(high) - count(low));
      const [shown] = await asker.ask(id, range, { quantile: String(quantile) });
      expect(shown?.value, `${id} ${quantile}`).toBeCloseTo(right, 6);
    }
  }
});

const NOTHING = /^(?!)/;

/** Opens a view and compares; where a minute was over meanwhile, or a session's state has changed, both are asked again. */
async function compare(view: string, expect_: (expected: Expected) => Promise<unknown>, excused = NOTHING): Promise<void> {
  const { page, trouble, close } = await openPage(browser, { viewport: { width: 1440, height: 1200 } });
  const minute = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 16)}Z`;
  let found: string[] = [];
  for (let round = 0; round < 3; round++) {
    await page.goto(`${world.api.url}${view}?from=${minute(range.start)}&to=${minute(range.end)}`);
    await untilShown(page);
    const changes = await changesOn(page);
    if (['/', '/tokens', '/tools', '/code'].includes(view)) expect(changes.length).toBeGreaterThan(2);
    const figures = await figuresOn(page);
    const expected = new Expected(asker, range);
    await expect_(expected);
    expect(expected.places.size).toBeGreaterThan(5);
    found = [...differences(figures, expected, excused), ...(await wrongChanges(figures, changes))];
    if (found.length === 0) break;
  }
  expect(found).toEqual([]);
  expect(trouble).toEqual([]);
  await close();
}

/** Totals of a range, with what they are told as in exact words. */
const TOTALS: Record<string, readonly [id: QuestionId, write: (value: number) => string, label?: string, values?: readonly string[]]> = {
  Cost: ['cost', formatUsdExact],
  Tokens: ['tokens', formatCount],
  Requests: ['requests', formatCount],
  Sessions: ['sessions', formatCount],
  Output: ['tokens', formatCount, 'kind', ['output']],
  'Tool calls': ['tool_calls', formatCount],
  Failed: ['tool_calls', formatCount, 'result', ['error']],
  'Rejected or blocked': ['tool_calls', formatCount, 'result', ['rejected', 'blocked']],
  'Active time': ['active_seconds', formatDuration],
  Messages: ['messages', formatCount],
  'Lines added': ['lines', formatCount, 'change', ['added']],
  Commits: ['commits', formatCount],
  'Lists left unfinished': ['todos_abandoned', formatCount],
};

/** What is said of totals against the time before: how much it was then, and how much more it is. */
async function wrongChanges(figures: readonly Figure[], changes: readonly Change[]): Promise<string[]> {
  const wrong: string[] = [];
  const before = { start: range.start - (range.end - range.start), end: range.start };
  for (const { name, title, text } of changes) {
    const [id, write, label, values = []] = TOTALS[name] ?? [];
    if (!id || !write) continue;
    const was = label
      ? total(
          pick({ all: await asker.sumsBy(id, label, before) }, (row) =>
            total(Object.fromEntries(values.map((value) => [value, row[value] ?? 0]))),
          ),
        )
      : await sum(id, before);
    const now = figures.find(({ place }) => place === ` | ${name} | `)?.value ?? Number.NaN;
    if (title !== `${write(was)} in the time before`) wrong.push(`${name} was ${write(was)} before, not ${title}`);
    if (text !== formatChange(now, was)) wrong.push(`${name} has changed by ${formatChange(now, was)}, not ${text}`);
  }
  return wrong;
}

const sum = (id: QuestionId, within = range) => asker.sum(id, within);
const sumsBy = (id: QuestionId, label: string, within = range) => asker.sumsBy(id, label, within);

function cacheShare({ input = 0, cache_read = 0, cache_write_5m = 0, cache_write_1h = 0 }: Sums): number | null {
  const prompt = input + cache_read + cache_write_5m + cache_write_1h;
  return prompt === 0 ? null : cache_read / prompt;
}

const perMillion = (rates: Rates, { input = 0, output = 0, cache_read = 0, cache_write_5m = 0, cache_write_1h = 0 }: Sums) =>
  (input * rates.input +
    output * rates.output +
    cache_read * rates.cacheRead +
    cache_write_5m * rates.write5m +
    cache_write_1h * rates.write1h) /
  1e6;

const prices = createPriceBook();

/** What the prompts of each model would have cost more as plain input; no price has changed within the range. */
function cacheSaved(models: Record<string, Sums>): number {
  return Object.entries(models).reduce((all, [model, { cache_read = 0, cache_write_5m = 0, cache_write_1h = 0 }]) => {
    const rates = prices.priceOf(model, range.start * 1000)?.rates;
    if (!rates) return all;
    const plain = perMillion(rates, { input: cache_read + cache_write_5m + cache_write_1h });
    return all + plain - perMillion(rates, { cache_read, cache_write_5m, cache_write_1h });
  }, 0);
}

/** Times by the calendar of UTC with those that they are compared with, up to a moment. */
function periodsAt(end: number): [title: string, now: Range, before: Range][] {
  const midnight = Math.floor((end - 1) / DAY) * DAY;
  const date = new Date(midnight * 1000);
  const week = midnight - ((date.getUTCDay() + 6) % 7) * DAY;
  const month = Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / 1000;
  const last = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1) / 1000;
  return [
    ['This week', { start: week, end }, { start: week - 7 * DAY, end: end - 7 * DAY }],
    ['Last 7 days', { start: end - 7 * DAY, end }, { start: end - 14 * DAY, end: end - 7 * DAY }],
    ['This month', { start: month, end }, { start: last, end: Math.min(last + end - month, month) }],
  ];
}

/** Sessions with an event in the range, as the list of the API has them. */
async function sessions(query: string, within: Range | null = range): Promise<SessionSummary[]> {
  const times = within ? `start=${within.start}&end=${within.end}&` : '';
  return (await getJson<{ sessions: SessionSummary[] }>(`${world.api.url}/api/sessions?${times}${query}`)).sessions;
}

const secondsOf = ({ firstAt, lastAt }: SessionSummary) => (Date.parse(lastAt) - Date.parse(firstAt)) / 1000;

test('Overview', options, async () => {
  await compare(
    '/',
    async (expected) => {
      const [kinds, models] = [await sumsBy('tokens', 'kind'), await asker.table('tokens', 'model', 'kind', range)];
      const [modelCost, unpriced] = [await sumsBy('cost', 'model'), await sumsBy('unpriced_tokens', 'model')];
      const projects = {
        Cost: await sumsBy('cost', 'project'),
        Tokens: await sumsBy('tokens', 'project'),
        Requests: await sumsBy('requests', 'project'),
        Sessions: await sumsBy('sessions', 'project'),
      };
      expected
        .total('Cost', await sum('cost'))
        .total('Tokens', total(kinds))
        .total('Requests', await sum('requests'))
        .total('Sessions', await sum('sessions'))
        .total('Cache share', cacheShare(kinds))
        .total('Saved by the cache', cacheSaved(models))
        .figures({ Cost: await sum('cost'), Tokens: total(kinds) })
        .figures({ Projects: Object.keys(projects.Requests).length, Models: Object.keys(models).length })
        .rows('Projects', 'project', projects)
        .rows('Models', 'model', { Tokens: pick(models, total), Requests: await sumsBy('requests', 'model') })
        .rows('Token kinds', 'kind', { Tokens: kinds });
      for (const name of Object.keys(models))
        expected.cell('Models', labelText('model', name), 'Cost', modelCost[name] ?? (unpriced[name] ? null : 0));
      await expected.chart('Cost', 'cost', 'model');
      await expected.chart('Tokens', 'tokens', 'model');
    },
    /^Today \|/,
  );
});

test('Tokens', options, async () => {
  await compare('/tokens', async (expected) => {
    const [kinds, requests, models] = [
      await sumsBy('tokens', 'kind'),
      await sumsBy('requests', 'model'),
      await asker.table('tokens', 'model', 'kind', range),
    ];
    expected
      .total('Tokens', total(kinds))
      .total('Output', kinds.output ?? 0)
      .total('A request', total(kinds) / total(requests))
      .total('Cache share', cacheShare(kinds))
      .figures({ Tokens: total(kinds), Requests: total(requests), 'By model': Object.keys(models).length })
      .rows('By model', 'model', {
        Tokens: pick(models, total),
        Input: pick(models, (row) => row.input ?? 0),
        Output: pick(models, (row) => row.output ?? 0),
        'Cache read': pick(models, (row) => row.cache_read ?? 0),
        'Write 5 min': pick(models, (row) => row.cache_write_5m ?? 0),
        'Write 1 h': pick(models, (row) => row.cache_write_1h ?? 0),
        Requests: requests,
      });
    for (const [name, row] of Object.entries(models)) {
      expected.cell('By model', labelText('model', name), 'Cache share', cacheShare(row));
      expected.cell('By model', labelText('model', name), 'A request', total(row) / (requests[name] ?? 0));
    }
    await expected.chart('Tokens', 'tokens', 'kind');
    await expected.chart('Cache writes', 'tokens', 'kind', { only: ['cache_write_5m', 'cache_write_1h'] });
    await expected.chart('By main conversation and subagents', 'tokens', 'agent');
    await expected.chart('Requests', 'requests', 'model');
    await expected.ratio('Tokens of a request', 'tokens', 'requests');
  });
});

test('Cost', options, async () => {
  // What the month may come to moves with every second; prices are no numbers of the API.
  await compare(
    '/cost',
    async (expected) => {
      const end = nextMinute() / 1000;
      const [projects, models, agents] = [await sumsBy('cost', 'project'), await sumsBy('cost', 'model'), await sumsBy('cost', 'agent')];
      const table = await asker.table('tokens', 'model', 'kind', range);
      const dearest = (await sessions('sort=cost&order=desc&limit=10')).filter(({ costUsd }) => costUsd > 0);
      expected
        .total('Cost', total(models))
        .total('Burn rate', await sum('cost', { start: end - HOUR, end }))
        .total('Saved by the cache', cacheSaved(table))
        .figures({ Cost: total(models), 'By project': Object.keys(projects).length })
        .figures({ 'By model': Object.keys(models).length, 'By agent': Object.keys(agents).length })
        .names('By project', 'project', 'Cost', projects)
        .names('By model', 'model', 'Cost', models)
        .names('By agent', 'agent', 'Cost', agents)
        .list(
          'Dearest sessions',
          dearest.map((session) => ({
            name: session.project ?? '',
            cells: {
              Cost: session.costUsd,
              'Last event': Date.parse(session.lastAt),
              Requests: session.requests,
              'A minute': secondsOf(session) < 60 ? null : (session.costUsd / secondsOf(session)) * 60,
            },
          })),
        );
      const all: Sums = {};
      for (const row of Object.values(table)) for (const [kind, value] of Object.entries(row)) all[kind] = (all[kind] ?? 0) + value;
      for (const { families, rates, fast } of inForce(Date.now())) {
        const name = families.map((family) => labelText('model', `claude-${family}`).replace(/^claude-/, '')).join(', ');
        expected.cell('The same work on another model', name, 'Cost', perMillion(rates, all));
        expected.cell('The same work on another model', name, 'Against now', perMillion(rates, all) / total(models));
        expected.cell('The same work on another model', name, 'In fast mode', fast ? perMillion(fast, all) : null);
      }
      await expected.chart('Cost', 'cost', 'model');
      await expected.chart('Cost so far', 'cost', 'model', { sum: true });
      await expected.days('Cost per day', 'cost', end);
    },
    /^ \| End of \w+, expected|^Prices in force|Last event$|^The same work .*\| Against now$/,
  );
});

test('Projects', options, async () => {
  await compare(
    '/projects',
    async (expected) => {
      const columns = {
        Cost: await sumsBy('cost', 'project'),
        Tokens: await sumsBy('tokens', 'project'),
        Requests: await sumsBy('requests', 'project'),
        Sessions: await sumsBy('sessions', 'project'),
        Active: await sumsBy('active_seconds', 'project'),
        'Tool calls': await sumsBy('tool_calls', 'project'),
        Lines: await sumsBy('lines', 'project'),
        Commits: await sumsBy('commits', 'project'),
      };
      expected
        .total('Projects', Object.keys(columns.Requests).length)
        .total('Cost', total(columns.Cost))
        .total('Most on', Math.max(...Object.values(columns.Cost)))
        .total('Active time', total(columns.Active))
        .figures({ Projects: Object.keys(columns.Requests).length, Cost: total(columns.Cost) })
        .rows('Projects', 'project', columns);
      await expected.chart('Cost', 'cost', 'project');
      await expected.chart('Active time', 'active_seconds', 'project');
    },
    /^ \| Most on/,
  );
});

test('Tools', options, async () => {
  await compare('/tools', async (expected) => {
    const [tools, errors] = [await asker.table('tool_calls', 'tool', 'result', range), await sumsBy('tool_errors', 'category')];
    const results = await sumsBy('tool_calls', 'result');
    const { ok = 0, error = 0, rejected = 0, blocked = 0 } = results;
    const [agents, skills] = [await sumsBy('agent_spawns', 'agent_type'), await sumsBy('skill_uses', 'skill')];
    const [agentTokens, agentCost] = [await sumsBy('agent_tokens', 'agent_type'), await sumsBy('agent_cost', 'agent_type')];
    const quantile = async (part: string) => {
      const series = await asker.ask('tool_seconds', range, { by: 'tool', quantile: part });
      return Object.fromEntries(series.map(({ labels, value }) => [labels.tool ?? '', value]));
    };
    const [half, most] = [await quantile('0.5'), await quantile('0.95')];
    expected
      .total('Tool calls', total(results))
      .total('Failed', error)
      .total('Failure share', error / (ok + error))
      .total('Rejected or blocked', rejected + blocked)
      .figures({ 'Tool calls': total(results), 'By tool': Object.keys(tools).length, 'What went wrong': total(errors) })
      .figures({ Subagents: Object.keys(agents).length, 'Subagents started': total(agents) })
      .figures({ 'Skills and commands': Object.keys(skills).length, 'Skills and commands used': total(skills) })
      .rows('By tool', 'tool', {
        Calls: pick(tools, total),
        Failed: pick(tools, (row) => row.error ?? 0),
        Rejected: pick(tools, (row) => row.rejected ?? 0),
        Blocked: pick(tools, (row) => row.blocked ?? 0),
      })
      .rows('Subagents', 'agent_type', { Times: agents, Tokens: agentTokens, Cost: agentCost })
      .names('Skills and commands', 'skill', 'Times', skills);
    for (const [name, times] of Object.entries(agents)) expected.cell('Subagents', name, 'Each', (agentCost[name] ?? 0) / times);
    for (const [name, row] of Object.entries(tools)) {
      expected.cell('By tool', name, 'Failure share', (row.error ?? 0) / ((row.ok ?? 0) + (row.error ?? 0)));
      expected.cell('By tool', name, 'Half within', half[name]).cell('By tool', name, '95 % within', most[name]);
    }
    await expected.chart('Tool calls', 'tool_calls', 'tool');
    await expected.quantiles('How long calls took', 'tool_seconds', { 'Half within': '0.5', '95 of 100 within': '0.95' });
    await expected.chart('What went wrong', 'tool_errors', 'category');
    await expected.chart('Subagents started', 'agent_spawns', 'agent_type');
    await expected.chart('Skills and commands used', 'skill_uses', 'skill');
  });
});

test('Activity', options, async () => {
  await compare('/activity', async (expected) => {
    const end = nextMinute() / 1000;
    const messages = await sumsBy('messages', 'role');
    const { peak } = await getJson<{ peak: { sessions: number } | null }>(
      `${world.api.url}/api/activity?start=${range.start}&end=${range.end}`,
    );
    const [longest] = await sessions('sort=duration&order=desc&limit=1');
    const today = Math.floor((end - 1) / DAY) * DAY;
    const [days] = await asker.ask('messages', { start: today - 370 * DAY, end }, { step: String(DAY) });
    const used = (days?.points ?? []).map(([, value]) => value > 0);
    const past = used.at(-1) ? used : used.slice(0, -1);
    expected
      .total('Active time', await sum('active_seconds'))
      .total('Messages', total(messages))
      .total('Days in a row', past.length - 1 - past.lastIndexOf(false))
      .total('Active days', used.filter(Boolean).length)
      .total('Longest session', longest ? secondsOf(longest) : null)
      .total('Most at once', peak?.sessions ?? null)
      .figures({ 'Sessions begun': await sum('sessions'), Messages: total(messages) });
    const hours = { start: Math.ceil((end - 30 * DAY) / HOUR) * HOUR, end };
    const [hourly] = await asker.ask('messages', hours, { step: String(HOUR) });
    const cells = new Map<string, number>();
    for (const [at, value] of hourly?.points ?? []) {
      const [weekday, hour] = [new Date(at * 1000).getUTCDay(), String(new Date(at * 1000).getUTCHours()).padStart(2, '0')];
      // On its day, and in the row of all days.
      for (const row of [formatWeekday(((weekday + 6) % 7) + 1), 'All'])
        cells.set(`${row} ${hour}`, (cells.get(`${row} ${hour}`) ?? 0) + value);
    }
    for (const [place, value] of cells) expected.cell('Hours of the week', place.split(' ')[0] ?? '', place.split(' ')[1] ?? '', value);
    await expected.days('Messages per day', 'messages', end);
    await expected.chart('Active time', 'active_seconds', 'project');
    await expected.chart('Sessions begun', 'sessions', 'project');
    await expected.chart('Messages', 'messages', 'role');
    await expected.quantiles('How long sessions lasted', 'session_seconds', { 'Half within': '0.5', '95 of 100 within': '0.95' });
  });
});

test('Code', options, async () => {
  await compare('/code', async (expected) => {
    const [lines, commits, cost] = [await sumsBy('lines', 'change'), await sumsBy('commits', 'project'), await sumsBy('cost', 'project')];
    const [languages, projects] = [
      await asker.table('lines', 'language', 'change', range),
      await asker.table('lines', 'project', 'change', range),
    ];
    const { files } = await getJson<{ files: { changed: number } }>(`${world.api.url}/api/activity?start=${range.start}&end=${range.end}`);
    const used = pick(languages, (row) => (total(row) > 0 ? total(row) : null));
    const added = (row: Sums) => row.added ?? 0;
    const removed = (row: Sums) => row.removed ?? 0;
    expected
      .total('Lines added', lines.added ?? 0)
      .total('Commits', total(commits))
      .total('Cost a commit', total(cost) / total(commits))
      .total('Cost of 100 lines', (total(cost) * 100) / total(lines))
      .total('Files kept', files.changed)
      .figures({ 'Lines changed': total(lines), Languages: Object.keys(used).length, Projects: Object.keys(projects).length })
      .figures({ Commits: total(commits), 'Pull requests': await sum('pull_requests') })
      .rows('Languages', 'language', { Added: pick(languages, added), Removed: pick(languages, removed) })
      .rows('Projects', 'project', { Added: pick(projects, added), Removed: pick(projects, removed), Commits: commits });
    for (const [name, row] of Object.entries(projects)) {
      if (commits[name]) expected.cell('Projects', name, 'Cost a commit', (cost[name] ?? 0) / commits[name]);
      if (total(row) > 0) expected.cell('Projects', name, '100 lines', ((cost[name] ?? 0) * 100) / total(row));
    }
    await expected.chart('Lines changed', 'lines', 'change');
    await expected.chart('By language', 'lines', 'language');
    await expected.chart('Commits', 'commits', 'project');
    await expected.chart('Pull requests', 'pull_requests', 'project');
  });
});

test('Todos', options, async () => {
  await compare(
    '/todos',
    async (expected) => {
      const listed = (await sessions('todos=true&sort=last&order=desc&limit=500')).flatMap((session) =>
        session.todos ? [{ ...session, todos: session.todos }] : [],
      );
      const isOver = ({ state, todos }: (typeof listed)[number]) => state === 'over' || todos.abandoned;
      const progress = (rows: typeof listed) => {
        const left = rows.filter(isOver);
        const open = rows.filter((row) => !isOver(row));
        const undone = (some: typeof listed) => some.reduce((all, { todos }) => all + todos.pending + todos.inProgress, 0);
        return {
          done: rows.reduce((all, { todos }) => all + todos.completed, 0),
          open: undone(open),
          left: undone(left),
          lists: rows.length,
        };
      };
      const all = progress(listed);
      const abandoned = await sum('todos_abandoned');
      const names = [...new Set(listed.map(({ project }) => project ?? ''))];
      expected
        .total('Open', all.open)
        .total('Done', all.done)
        .total('Left undone', all.left)
        .total('Lists left unfinished', abandoned)
        .figures({ 'Lists left unfinished': abandoned, 'By project': names.length, Lists: listed.length })
        .list(
          'Lists',
          listed.map(({ project, todos }) => ({
            name: project ?? '',
            cells: { Done: todos.completed / (todos.completed + todos.inProgress + todos.pending) },
          })),
        );
      for (const name of names) {
        const { done, open, left, lists } = progress(listed.filter(({ project }) => project === name));
        expected.cell('By project', name, 'Done', done).cell('By project', name, 'Open', open).cell('By project', name, 'Left', left);
        expected.cell('By project', name, 'Lists', lists).cell('By project', name, 'Share done', done / (done + open + left));
      }
      await expected.chart('Lists left unfinished', 'todos_abandoned', 'project');
    },
    /^Lists( \d+)? .*\| (Done|State|Last event)$|^Sessions at work \|/,
  );
});

test('Insights', options, async () => {
  await compare('/insights', async (expected) => {
    const measures = {
      cost: 'Cost',
      tokens: 'Tokens',
      messages: 'Messages',
      sessions: 'Sessions',
      active_seconds: 'Active time',
      lines: 'Lines',
      commits: 'Commits',
    } as const;
    const { first } = await getJson<{ first: number }>(`${world.api.url}/api/range`);
    for (const [title, now, before] of periodsAt(nextMinute() / 1000)) {
      for (const [id, row] of Object.entries(measures)) {
        if (!isQuestionId(id)) continue;
        expected.cell(title, row, 'Now', await sum(id, now));
        if (first < now.start) expected.cell(title, row, 'Before', await sum(id, before));
      }
    }
    const panel = "What Claude Code's own statistics say";
    const stands = async (id: QuestionId) => total(await asker.sumsBy(id, 'host', null));
    const end = (await stands('stats_computed')) + DAY;
    const within = { start: first, end };
    const [days] = await asker.ask('messages', { start: Math.floor(first / DAY) * DAY, end }, { step: String(DAY) });
    const [longest] = await sessions(`sort=duration&order=desc&limit=1&end=${end}`, null);
    expected
      .cell(panel, 'Sessions', 'stats-cache.json', await stands('stats_sessions'))
      .cell(panel, 'Sessions', 'ccmeter', await sum('sessions', within));
    expected
      .cell(panel, 'Messages', 'stats-cache.json', await stands('stats_messages'))
      .cell(panel, 'Messages', 'ccmeter', await sum('messages', within));
    expected
      .cell(panel, 'Tool calls', 'stats-cache.json', await stands('stats_tool_calls'))
      .cell(panel, 'Tool calls', 'ccmeter', await sum('tool_calls', within));
    expected
      .cell(panel, 'Tokens', 'stats-cache.json', await stands('stats_tokens'))
      .cell(panel, 'Tokens', 'ccmeter', await sum('tokens', within));
    expected.cell(panel, 'Days', 'stats-cache.json', await stands('stats_days'));
    expected.cell(panel, 'Days', 'ccmeter', (days?.points ?? []).filter(([, value]) => value > 0).length);
    expected.cell(panel, 'Longest session', 'stats-cache.json', await stands('stats_longest_session'));
    expected.cell(panel, 'Longest session', 'ccmeter', longest ? secondsOf(longest) : null);
  });
});

test('Sessions', options, async () => {
  const { page, trouble, close } = await openPage(browser, { viewport: { width: 1500, height: 2400 } });
  const minute = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 16)}Z`;
  await page.goto(`${world.api.url}/sessions?sort=-cost&from=${minute(range.start)}&to=${minute(range.end)}`);
  await untilShown(page);
  const listed = await sessions('sort=cost&order=desc&limit=200');
  expect(listed.length).toBeGreaterThan(20);
  const lines = await page.locator('.session-line').all();
  const shown = await Promise.all(lines.map((line) => line.getByRole('cell').allInnerTexts()));
  const minutes = (session: SessionSummary) => (secondsOf(session) < 60 ? '–' : formatUsd((session.costUsd / secondsOf(session)) * 60));
  const right = listed
    .slice(0, shown.length)
    .map((session) => [
      session.project,
      formatDuration(secondsOf(session)),
      session.models.map((model) => labelText('model', model)).join(', '),
      formatCount(session.requests),
      formatCompact(session.tokens),
      formatCompact(session.kinds.input),
      formatCompact(session.kinds.output),
      formatCompact(session.kinds.cacheRead),
      formatCompact(session.kinds.cacheWrite5m + session.kinds.cacheWrite1h),
      `${session.unpricedRequests > 0 ? '≥ ' : ''}${formatUsd(session.costUsd)}`,
      minutes(session),
      session.lines.added + session.lines.removed === 0
        ? '–'
        : `+${formatCompact(session.lines.added)} −${formatCompact(session.lines.removed)}`,
      formatCount(session.toolCalls),
      formatCount(session.failures),
    ]);
  // The state moves with the clock, and the time of the last event has a test of its own.
  expect(shown.map((cells) => cells.filter((_, column) => column !== 0 && column !== 2))).toEqual(right);
  expect(shown.length).toBeGreaterThan(20);
  expect(trouble).toEqual([]);
  await close();
});

test('a session', options, async () => {
  const [dearest] = await sessions('sort=cost&order=desc&limit=1');
  if (!dearest) throw new Error('there is no session');
  await compare(
    `/sessions/${dearest.id}`,
    async (expected) => {
      const { session } = await getJson<{ session: SessionDetail }>(`${world.api.url}/api/sessions/${dearest.id}`);
      const usage = (rows: SessionDetail['usage'], read: (row: SessionDetail['usage'][number]) => number) =>
        rows.reduce((all, row) => all + read(row), 0);
      const kinds = {
        input: usage(session.usage, (row) => row.inputTokens),
        output: usage(session.usage, (row) => row.outputTokens),
        cache_read: usage(session.usage, (row) => row.cacheReadTokens),
        cache_write_5m: usage(session.usage, (row) => row.cacheWrite5mTokens),
        cache_write_1h: usage(session.usage, (row) => row.cacheWrite1hTokens),
      };
      expect(total(kinds)).toBe(session.tokens);
      expected
        .total('Cost', session.costUsd)
        .total('Tokens', session.tokens)
        .total('Lasted', secondsOf(session))
        .total('Tool calls', session.toolCalls);
      for (const row of session.usage) {
        const name = `${labelText('model', row.model)}${row.agent === 'subagent' ? ', subagents' : ''}`;
        expected.cell('Models', name, 'Cost', row.costUsd).cell('Models', name, 'Requests', row.requests);
        expected.cell('Models', name, 'Output', row.outputTokens).cell('Models', name, 'Cache read', row.cacheReadTokens);
      }
      for (const model of new Set(session.usage.map((row) => row.model)))
        expected.cell(
          'Cost over the session',
          labelText('model', model),
          'legend',
          usage(
            session.usage.filter((row) => row.model === model),
            (row) => row.costUsd,
          ) || null,
        );
      for (const [kind, value] of Object.entries(kinds))
        expected.cell('Tokens over the session', labelText('kind', kind), 'legend', value || null);
      for (const { tool, finished, failed, averageSeconds } of session.tools)
        expected
          .cell('Tools', tool, 'Calls', finished)
          .cell('Tools', tool, 'Failed', failed)
          .cell('Tools', tool, 'On average', averageSeconds);
      const names = [
        ...session.subagents.map((one) => ({ ...one, name: labelText('agent_type', one.name) })),
        ...session.skills.map((one) => ({ ...one, name: labelText('skill', one.name) })),
      ];
      for (const { name, count } of names) expected.cell('Subagents and skills', name, 'Times', count);
      for (const { category, count } of session.errors) expected.cell('Errors', labelText('category', category), 'Times', count);
    },
    / \| bar \d+ \| | \| figure$|^ \| (Lines|Fullest context) \|/,
  );
});

test('Live', options, async () => {
  const { page, trouble, close } = await openPage(browser);
  await page.goto(`${world.api.url}/live`);
  await untilShown(page);
  const open = await sessions('state=working&state=waiting&state=idle&sort=last&order=desc&limit=20', null);
  expect(open.length).toBe(3);
  for (const session of open) {
    const card = page.locator('.session').filter({ hasText: session.project ?? '' });
    const titles = await Promise.all((await card.locator('.session-figures > div').all()).map((one) => one.getAttribute('title')));
    const unpriced = session.unpricedRequests > 0 ? ', without tokens of unknown price' : '';
    expect(titles).toEqual([
      `${formatUsdExact(session.costUsd)} in the whole session${unpriced}`,
      `${formatCount(session.tokens)} tokens in the whole session`,
      `${formatCount(session.kinds.output)} output tokens in the whole session`,
      `${formatCount(session.requests)} responses in the whole session`,
    ]);
    const said = await card.textContent();
    expect(said).toContain(`${formatCount(session.toolCalls)} tool calls`);
    expect(said).toContain(`${formatCount(session.failures)} failed`);
    if (session.todos)
      expect(said).toContain(
        `${session.todos.completed} of ${session.todos.completed + session.todos.inProgress + session.todos.pending} todos done`,
      );
  }
  expect(trouble).toEqual([]);
  await close();
});

test('Health', options, async () => {
  const columns = {
    State: 'exporter_ready',
    Transcripts: 'exporter_files',
    'Lines read': 'exporter_lines',
    'Not read': 'exporter_backlog',
    'Events waiting': 'exporter_outbox',
    'Samples waiting': 'exporter_pending',
    Refused: 'exporter_refused',
    Series: 'exporter_series',
    Deletion: 'history_deletion',
  } as const;
  await compare(
    '/health',
    async (expected) => {
      for (const [column, id] of Object.entries(columns)) {
        if (!isQuestionId(id)) continue;
        const [{ value } = { value: 0 }] = await asker.ask(id, null, { by: 'host' });
        expected.cell('Exporters', 'laptop', column, value);
      }
      expected.figures({ Exporters: 1 });
      // What goes on by the second: what was sent when, and how Prometheus is.
    },
    /\| (State|Deletion|Last sent)$|^(Samples sent|Events sent|Prometheus|Metrics with the most series) \|/,
  );
});

test('PromQL', options, async () => {
  const { page, trouble, close } = await openPage(browser);
  const expr = 'sum by (model, kind) (max_over_time(ccmeter_tokens_total[30d]))';
  const minute = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 16)}Z`;
  await page.goto(`${world.api.url}/promql?expr=${encodeURIComponent(expr)}&from=${minute(range.start)}&to=${minute(range.end)}`);
  await untilShown(page);
  const { data } = await getJson<{ data: { result: { metric: Record<string, string>; value: [number, string] }[] } }>(
    `${world.api.url}/api/v1/query?query=${encodeURIComponent(expr)}&time=${range.end}`,
  );
  const figures = (await figuresOn(page)).filter(({ place }) => place.endsWith('| Value'));
  const values = (numbers: readonly number[]) => [...numbers].sort((one, other) => one - other);
  expect(values(figures.map(({ value }) => value))).toEqual(values(data.result.map(({ value }) => Number(value[1]))));
  expect(figures.length).toBeGreaterThan(10);
  expect(trouble).toEqual([]);
  await close();
});
