import { expect, test } from 'vitest';
import { wrongOf } from './MemoryDialog';

const GOOD = { floor: '1 GiB', ceiling: '', weight: '1', lend: true, grow: false, growMost: '' };
const MOST = 4 * 2 ** 30;

test('takes what the broker takes', () => {
  expect(wrongOf(GOOD, MOST)).toEqual({});
  expect(wrongOf({ ...GOOD, ceiling: '1 GiB', grow: true, growMost: '2 GiB' }, MOST)).toEqual({});
});

test('says what is wrong beside the field', () => {
  expect(Object.keys(wrongOf({ ...GOOD, floor: '5 GiB' }, MOST))).toEqual(['floor']);
  expect(Object.keys(wrongOf({ ...GOOD, ceiling: '512 MiB' }, MOST))).toEqual(['ceiling']);
  expect(Object.keys(wrongOf({ ...GOOD, weight: '0' }, MOST))).toEqual(['weight']);
  expect(Object.keys(wrongOf({ ...GOOD, grow: true }, MOST))).toEqual(['growMost']);
});
