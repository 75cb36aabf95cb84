import { stored } from '../state/store.js';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** The browser's theme, or the selected one. */
export const theme = stored<Theme>('theme', (text) => THEMES.find((one) => one === text) ?? 'system');

/** Applies the theme, now and when it changes. */
export function applyTheme(): void {
  const dress = (): void => {
    document.documentElement.dataset.theme = theme.value;
  };
  dress();
  theme.watch(dress);
}
