import type { Grant, Region } from '../../api/client';
import { holdsMemory } from '../../api/queries';

/** What a host lends to one grant. */
export interface Loan {
  grant: Grant | undefined;
  grantId: string;
  regions: number;
  bytes: number;
}

/** What is lent of these regions, the most first. */
export function loansOf(regions: Region[], grants: Grant[]): Loan[] {
  const known = new Map(grants.map((grant) => [grant.id, grant]));
  const loans = new Map<string, Loan>();
  for (const { status } of regions) {
    if (status.grantId === null) continue;
    const loan = loans.get(status.grantId) ?? { grant: known.get(status.grantId), grantId: status.grantId, regions: 0, bytes: 0 };
    loan.regions += 1;
    loan.bytes += status.sizeBytes;
    loans.set(status.grantId, loan);
  }
  return [...loans.values()].sort((a, b) => b.bytes - a.bytes);
}

/** The grants that a host's own VMs have. */
export function borrowedBy(hostId: string, grants: Grant[]): Grant[] {
  return grants.filter((grant) => grant.status.borrowerId === hostId && holdsMemory(grant));
}
