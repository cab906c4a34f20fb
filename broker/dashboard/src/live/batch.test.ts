import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Batch } from './batch';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const keys = (...names: string[]) => new Map(names.map((name) => [name, name]));

test('hands the first on at once, and a burst after it together and once each', () => {
  const told: string[][] = [];
  const batch = new Batch<string>(1_000, (all) => told.push(all));
  batch.add(keys('a'));
  for (let i = 0; i < 50; i++) batch.add(keys('a', `b${i % 2}`));
  expect(told).toEqual([['a']]);
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([['a'], ['a', 'b0', 'b1']]);
  vi.advanceTimersByTime(5_000);
  batch.add(keys('c'));
  expect(told[2]).toEqual(['c']);
});

test('tells nothing after it was stopped', () => {
  const told: string[][] = [];
  const batch = new Batch<string>(1_000, (all) => told.push(all));
  batch.add(keys('a'));
  batch.add(keys('b'));
  batch.stop();
  vi.advanceTimersByTime(5_000);
  expect(told).toEqual([['a']]);
});
