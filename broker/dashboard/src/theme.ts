import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'memfabric.theme';
const watchers = new Set<() => void>();

export function theme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function chooseTheme(wanted: Theme): void {
  localStorage.setItem(KEY, wanted);
  applyTheme();
  for (const watcher of watchers) watcher();
}

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Sets what the style sheets look at; `system` follows the machine, also when it changes. */
export function applyTheme(): void {
  const wanted = theme();
  document.documentElement.dataset.theme = wanted === 'system' ? (dark.matches ? 'dark' : 'light') : wanted;
}

dark.addEventListener('change', () => {
  applyTheme();
  for (const watcher of watchers) watcher();
});

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useTheme(): Theme {
  return useSyncExternalStore(watch, theme);
}

/** The colours in force, for what is drawn on a canvas; changes with the theme. */
export function useColour(): (name: string) => string {
  useSyncExternalStore(watch, () => document.documentElement.dataset.theme);
  const styles = getComputedStyle(document.documentElement);
  return (name) => styles.getPropertyValue(`--${name}`).trim();
}
