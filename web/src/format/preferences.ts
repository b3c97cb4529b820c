import { createSignal } from 'solid-js';
import type { Grafana } from '../store/grafana.ts';

/** How this browser wants to see things. It is no part of a link: what a colleague opens is shown as the colleague likes it. */
export interface Preferences {
  /** A zone's name, or '' for that of the browser. */
  timeZone: string;
  /** 1 is Monday, 7 Sunday, as Intl counts them. */
  weekStart: 1 | 6 | 7;
  /** What dollars are shown in: an ISO 4217 code, and how many of it make a dollar. Prices are in dollars, so the rate is the user's own. */
  currency: { code: string; perUsd: number };
  /** Names of projects, machines and branches are hidden, so that a screen can be shared. */
  privacy: boolean;
  /** A notification when a session begins to wait, and whether it sounds. */
  notify: boolean;
  sound: boolean;
  /** How close together things stand. */
  density: Density;
  /** How often numbers are asked for again: as they change, at most this often in seconds, or only by hand. */
  refresh: Refresh;
  /** Where queries can be opened in Grafana; '' where nowhere. */
  grafana: Grafana;
}

export const DENSITIES = ['comfortable', 'compact'] as const;
export type Density = (typeof DENSITIES)[number];
export const REFRESHES = ['live', '10', '60', '300', 'off'] as const;
export type Refresh = (typeof REFRESHES)[number];

export const DEFAULT_PREFERENCES: Preferences = {
  timeZone: '',
  weekStart: 1,
  currency: { code: 'USD', perUsd: 1 },
  privacy: false,
  notify: false,
  sound: false,
  density: 'comfortable',
  refresh: 'live',
  grafana: { url: '', datasource: 'ccmeter' },
};

const STORAGE_KEY = 'ccmeter.preferences';

const [preferences, set] = createSignal<Preferences>(readPreferences(stored()));

/** What is in force. Read in a view it is followed. */
export { preferences };

export function setPreferences(change: Partial<Preferences>): void {
  const next = readPreferences({ ...preferences(), ...change });
  set(next);
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(next));
  } catch {
    // Storage may be forbidden: the choice holds for this page then.
  }
}

/** Reads what was stored; what does not fit is as usual. */
export function readPreferences(value: unknown): Preferences {
  if (typeof value !== 'object' || value === null) return DEFAULT_PREFERENCES;
  const given: Record<string, unknown> = { ...value };
  const flag = (name: 'privacy' | 'notify' | 'sound') => (typeof given[name] === 'boolean' ? given[name] : DEFAULT_PREFERENCES[name]);
  return {
    timeZone: typeof given.timeZone === 'string' && isTimeZone(given.timeZone) ? given.timeZone : '',
    weekStart: ([1, 6, 7] as const).find((day) => day === given.weekStart) ?? DEFAULT_PREFERENCES.weekStart,
    currency: readCurrency(given.currency),
    privacy: flag('privacy'),
    notify: flag('notify'),
    sound: flag('sound'),
    density: DENSITIES.find((one) => one === given.density) ?? DEFAULT_PREFERENCES.density,
    refresh: REFRESHES.find((one) => one === given.refresh) ?? DEFAULT_PREFERENCES.refresh,
    grafana: readGrafana(given.grafana),
  };
}

function readCurrency(value: unknown): Preferences['currency'] {
  if (typeof value !== 'object' || value === null) return DEFAULT_PREFERENCES.currency;
  const { code, perUsd }: { code?: unknown; perUsd?: unknown } = value;
  const good = typeof code === 'string' && /^[A-Z]{3}$/.test(code) && typeof perUsd === 'number' && perUsd > 0 && perUsd < 1e9;
  return good ? { code, perUsd: code === 'USD' ? 1 : perUsd } : DEFAULT_PREFERENCES.currency;
}

function readGrafana(value: unknown): Grafana {
  if (typeof value !== 'object' || value === null) return DEFAULT_PREFERENCES.grafana;
  const { url, datasource }: { url?: unknown; datasource?: unknown } = value;
  const good = typeof url === 'string' && (url === '' || URL.canParse(url)) && typeof datasource === 'string' && datasource !== '';
  return good ? { url, datasource } : DEFAULT_PREFERENCES.grafana;
}

function isTimeZone(name: string): boolean {
  if (name === '') return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function stored(): unknown {
  try {
    return JSON.parse(localStorage.getItem(STORAGE_KEY) ?? 'null');
  } catch {
    return null;
  }
}
