import { useState } from 'react';
import type { VisibilityState } from '@tanstack/react-table';

/** Which columns of a table are shown: as they were chosen last in this browser. */
export function useColumns(table: string, usual: VisibilityState): [VisibilityState, (wanted: VisibilityState) => void] {
  const key = `memfabric.columns.${table}`;
  const [shown, setShown] = useState<VisibilityState>(() => ({ ...usual, ...readKept(key) }));
  const choose = (wanted: VisibilityState) => {
    localStorage.setItem(key, JSON.stringify(wanted));
    setShown(wanted);
  };
  return [shown, choose];
}

function readKept(key: string): VisibilityState {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    return Object.fromEntries(Object.entries(kept ?? {}).filter(([, value]) => typeof value === 'boolean'));
  } catch {
    return {};
  }
}
