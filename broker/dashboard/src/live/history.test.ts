import { expect, test } from 'vitest';
import { spread } from './history';

const point = (minute: number) => ({ at: new Date(minute * 60_000).toISOString() });

test('draws no line over minutes of which nothing is known', () => {
  const { times, at } = spread({ stepSeconds: 60, points: [point(1), point(2), point(7)] });
  expect(times).toEqual([60, 120, 180, 420]);
  expect(at.map((each) => each !== null)).toEqual([true, true, false, true]);
});

test('has nothing of nothing', () => {
  expect(spread({ stepSeconds: 60, points: [] })).toEqual({ times: [], at: [] });
});
