import type { Grant } from '../../api/client';

export const REGION = 64 * 2 ** 20;

export interface Lender {
  id: string;
  /** Regions that it holds for the grant. */
  live: number;
  /** Regions that it held and lost. */
  lost: number;
  /** Over what the borrower reaches it, and why not over RDMA; absent until it said so. */
  transport?: 'TCP' | 'RDMA';
  notRdma?: string;
}

/** Who has a grant's pages, the largest first. */
export function lendersOf(grant: Grant): Lender[] {
  const lenders = new Map<string, Lender>();
  for (const { legs } of grant.status.extents ?? []) {
    for (const leg of legs) {
      const lender: Lender = lenders.get(leg.hostId) ?? { id: leg.hostId, live: 0, lost: 0 };
      if (leg.state === 'LIVE') lender.live += 1;
      else if (leg.state === 'LOST') lender.lost += 1;
      if (leg.state === 'LIVE' && leg.transport !== undefined) {
        lender.transport = leg.transport;
        if (leg.notRdma !== undefined) lender.notRdma = leg.notRdma;
      }
      lenders.set(leg.hostId, lender);
    }
  }
  return [...lenders.values()].sort((a, b) => b.live - a.live);
}
