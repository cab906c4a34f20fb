import { expect, test } from 'vitest';
import type { Grant } from '../../api/client';
import { lendersOf } from './lenders';

const leg = (hostId: string, state: string, transport?: string) => ({ hostId, state, transport });

test('counts what each lender holds and lost, the largest first', () => {
  const extents = [{ legs: [leg('a', 'LOST'), leg('b', 'LIVE', 'RDMA')] }, { legs: [leg('a', 'LIVE'), leg('b', 'LIVE')] }, { legs: [leg('c', 'ENDED')] }];
  expect(lendersOf({ status: { extents } } as unknown as Grant)).toEqual([
    { id: 'b', live: 2, lost: 0, transport: 'RDMA' },
    { id: 'a', live: 1, lost: 1 },
    { id: 'c', live: 0, lost: 0 },
  ]);
});
