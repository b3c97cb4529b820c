import { expect } from 'vitest';
import type { Random } from '../../deploy/local/demo/random.ts';
import { readLedger } from './ledger.ts';
import { getJson } from './parts.ts';

export const MINUTE = 60_000;

const QUESTIONS = {
  tokens: { metric: 'ccmeter_tokens_total', by: ['model', 'project', 'agent', 'kind'] },
  cost: { metric: 'ccmeter_cost_usd_total', by: ['model'] },
  requests: { metric: 'ccmeter_requests_total', by: ['project'] },
  sessions: { metric: 'ccmeter_sessions_total', by: ['project'] },
} as const;

export interface Answer {
  series: { labels: Record<string, string>; value: number; points: [number, number][] | null }[];
}

/** What a panel of the dashboard shows for a range. */
export function askPanel(apiUrl: string, id: string, begin: number, end: number, more = ''): Promise<Answer> {
  return getJson<Answer>(`${apiUrl}/api/panels/${id}?start=${begin / 1000}&end=${end / 1000}${more}`);
}

/** Every question over a range of whole minutes, as a total, by a label and in steps, against the change log. */
export async function comparePanels(apiUrl: string, stateDir: string, random: Random, begin: number, end: number): Promise<void> {
  const ledger = readLedger(stateDir);
  for (const [id, { metric, by }] of Object.entries(QUESTIONS)) {
    const unit = id === 'cost' ? 1e9 : 1;
    const wanted = ledger.added(metric, begin, end);
    const label = random.pick(by);
    const step = Math.max(1, Math.ceil((end - begin) / MINUTE / 50)) * 60;
    for (const more of ['', `&by=${label}`, `&by=${label}&step=${step}`]) {
      const { series } = await askPanel(apiUrl, id, begin, end, more);
      const shown = series.reduce((sum, { value }) => sum + value, 0);
      const range = `${id}${more} from ${new Date(begin).toISOString()} to ${new Date(end).toISOString()}`;
      expect(Math.round(shown * unit), range).toBe(wanted);
      for (const { value, points } of series) {
        if (points !== null) expect(Math.round(points.reduce((sum, [, point]) => sum + point, 0) * unit)).toBe(Math.round(value * unit));
      }
    }
  }
}

/** The end of this minute. */
export function nextMinute(): number {
  return Math.ceil((Date.now() + 1) / MINUTE) * MINUTE;
}
