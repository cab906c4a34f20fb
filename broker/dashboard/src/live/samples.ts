import { useQuery } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { capacityQuery } from '../api/queries';

/** A ring of what was read of one thing, for as long as these pages are open: at most an hour. */
export class Samples<T> {
  private readonly watchers = new Set<() => void>();
  private kept: readonly { at: number; value: T }[] = [];

  constructor(private readonly most: number) {}

  add(at: number, value: T): void {
    const last = this.kept[this.kept.length - 1];
    if (last !== undefined && at <= last.at) return;
    this.kept = [...this.kept, { at, value }].slice(-this.most);
    for (const watcher of this.watchers) watcher();
  }

  all = (): readonly { at: number; value: T }[] => this.kept;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
}

type Sums = { harvestedBytes: number; offeredBytes: number; lentBytes: number; freeBytes: number };

const fabricSamples = new Samples<Sums>(1_200);

/** Keeps the fabric's sums while any page is open, for those who may see them. */
export function useSampler(enabled: boolean): void {
  const capacity = useQuery({ ...capacityQuery, enabled });
  useEffect(() => {
    if (capacity.data !== undefined) fabricSamples.add(Math.floor(capacity.dataUpdatedAt / 1_000), capacity.data);
  }, [capacity.data, capacity.dataUpdatedAt]);
}

export function useFabricSamples(): readonly { at: number; value: Sums }[] {
  return useSyncExternalStore(fabricSamples.watch, fabricSamples.all);
}

const MOST_THINGS = 50;
const byThing = new Map<string, Samples<Record<string, number | null>>>();

/** The samples of one host or VM that is looked at, also after another page was. */
export function useSamplesOf(
  key: string,
  at: number,
  value: Record<string, number | null> | undefined,
): readonly { at: number; value: Record<string, number | null> }[] {
  let samples = byThing.get(key);
  if (samples === undefined) {
    samples = new Samples(1_200);
    byThing.set(key, samples);
    const oldest = byThing.keys().next().value;
    if (byThing.size > MOST_THINGS && oldest !== undefined) byThing.delete(oldest);
  }
  const kept = samples;
  useEffect(() => {
    if (value !== undefined) kept.add(Math.floor(at / 1_000), value);
  });
  return useSyncExternalStore(kept.watch, kept.all);
}
