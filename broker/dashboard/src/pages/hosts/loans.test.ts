import { expect, test } from 'vitest';
import type { Grant, Region } from '../../api/client';
import { borrowedBy, loansOf } from './loans';

const region = (grantId: string | null) => ({ status: { grantId, sizeBytes: 64 } }) as unknown as Region;
const grant = (id: string, borrowerId: string, state: string) => ({ id, status: { borrowerId, state } }) as unknown as Grant;

test('adds up what each grant has of a host, the most first', () => {
  const known = grant('b', 'x', 'ACTIVE');
  expect(loansOf([region('a'), region(null), region('b'), region('b')], [known])).toEqual([
    { grant: known, grantId: 'b', regions: 2, bytes: 128 },
    { grant: undefined, grantId: 'a', regions: 1, bytes: 64 },
  ]);
});

test('counts the grants of its own VMs that hold memory', () => {
  const grants = [grant('a', 'here', 'DEGRADED'), grant('b', 'here', 'RELEASED'), grant('c', 'elsewhere', 'ACTIVE')];
  expect(borrowedBy('here', grants).map(({ id }) => id)).toEqual(['a']);
});
