import { expect, test } from 'vitest';
import { spread, withSamples } from './history';

const point = (minute: number) => ({ at: new Date(minute * 60_000).toISOString() });

test('draws no line over minutes of which nothing is known', () => {
  const { times, at } = spread({ stepSeconds: 60, points: [point(1), point(2), point(7)] });
  expect(times).toEqual([60, 120, 180, 420]);
  expect(at.map((each) => each !== null)).toEqual([true, true, false, true]);
});

test('has nothing of nothing', () => {
  expect(spread({ stepSeconds: 60, points: [] })).toEqual({ times: [], at: [] });
});

test('puts what was written down before what was seen', () => {
  const written = { stepSeconds: 60, points: [point(0), point(58), point(59), point(60)] };
  const seen = [60.5, 60.6].map((minute) => ({ at: minute * 60, value: 'seen' }));
  const { times, at } = withSamples(written, seen);
  // The first point is older than an hour.
  expect(times).toEqual([3_480, 3_540, 3_600, 3_630, 3_636]);
  expect(at.slice(3)).toEqual(['seen', 'seen']);
  const later = withSamples(written, [{ at: 70 * 60, value: 'seen' }]);
  expect(later.times).toEqual([3_480, 3_540, 3_600, 3_660, 4_200]);
  expect(later.at[3]).toBeNull();
  expect(withSamples(undefined, seen).times).toEqual([3_630, 3_636]);
});
