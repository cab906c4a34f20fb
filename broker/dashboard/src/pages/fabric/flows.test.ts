import { expect, test } from 'vitest';
import type { Grant } from '../../api/client';
import { flowsOf, layOut } from './flows';

const leg = (hostId: string, state = 'LIVE') => ({ hostId, state });

const GRANT = {
  status: { borrowerId: 'b', extents: [{ legs: [leg('a'), leg('c')] }, { legs: [leg('a'), leg('c', 'LOST')] }] },
} as unknown as Grant;

test('counts each live leg once, the largest flow first', () => {
  expect(flowsOf([GRANT])).toEqual([
    { lender: 'a', borrower: 'b', bytes: 2 * 2 ** 26 },
    { lender: 'c', borrower: 'b', bytes: 2 ** 26 },
  ]);
});

test('every band lies within both of its ends', () => {
  const picture = layOut(flowsOf([GRANT]), 120);
  for (const band of picture.bands) {
    const from = picture.lenders.find((node) => node.id === band.lender)!;
    const to = picture.borrowers.find((node) => node.id === band.borrower)!;
    expect(band.fromY).toBeGreaterThanOrEqual(from.y);
    expect(band.fromY).toBeLessThanOrEqual(from.y + from.height);
    expect(band.toY).toBeGreaterThanOrEqual(to.y);
    expect(band.toY).toBeLessThanOrEqual(to.y + to.height);
  }
});
