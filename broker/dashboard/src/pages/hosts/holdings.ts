import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Grant, Host } from '../../api/client';
import { grantsQuery, regionsQuery } from '../../api/queries';
import { isLeaving } from './hostState';
import { borrowedBy, loansOf } from './loans';
import type { Loan } from './loans';

/** What others have of a host, and what its VMs have of others; `known` once both were read. */
export function useHoldings(host: Host): { loans: Loan[]; borrowed: Grant[]; known: boolean } {
  const regions = useQuery(regionsQuery(host.id, isLeaving(host)));
  const grants = useQuery(grantsQuery());
  const loans = useMemo(() => loansOf(regions.data?.items ?? [], grants.data?.items ?? []), [regions.data, grants.data]);
  const borrowed = useMemo(() => borrowedBy(host.id, grants.data?.items ?? []), [host.id, grants.data]);
  return { loans, borrowed, known: regions.data !== undefined && grants.data !== undefined };
}
