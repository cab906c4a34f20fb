import { expect, test } from 'vitest';
import { namesKept } from './names';

const listing = (...names: string[]) => ({ items: names.map((name, id) => ({ id: String(id), status: { name } })), complete: true });

test('gives the same map until a name changes', () => {
  const names = namesKept();
  const first = names(listing('a', 'b'));
  expect(names(listing('a', 'b'))).toBe(first);
  const renamed = names(listing('a', 'c'));
  expect([...renamed]).toEqual([
    ['0', 'a'],
    ['1', 'c'],
  ]);
  expect(names(listing('a')).size).toBe(1);
});
