import { type Accessor, createMemo, createRoot, createSignal } from 'solid-js';
import type { ChartTheme } from '../charts/options/bars.ts';
import { readChartTheme } from '../charts/theme.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** Also read by public/theme.js, before the first paint. */
const STORAGE_KEY = 'ccmeter.theme';

interface ThemeStore {
  theme: Accessor<Theme>;
  choose(theme: Theme): void;
  /** The colours for the canvas, for the theme in force. */
  chart: Accessor<ChartTheme>;
}

let store: ThemeStore | undefined;

/** The theme in force; one for the page. */
export function useTheme(): ThemeStore {
  store ??= createRoot(createThemeStore);
  return store;
}

function createThemeStore(): ThemeStore {
  const [theme, setTheme] = createSignal<Theme>(THEMES.find((name) => name === document.documentElement.dataset.theme) ?? 'system');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const [systemDark, setSystemDark] = createSignal(system.matches);
  system.addEventListener('change', () => setSystemDark(system.matches));
  const chart = createMemo(() => {
    theme();
    systemDark();
    return readChartTheme(document.body);
  });
  const choose = (next: Theme) => {
    if (next === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    remember(next);
    setTheme(next);
  };
  return { theme, choose, chart };
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // Storage may be forbidden: the choice holds for this page then.
  }
}
