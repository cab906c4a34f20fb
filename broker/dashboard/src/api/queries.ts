import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call, get, list } from './client';
import type { Answer, Decision, Event, Fabric, Grant, Host, Recall, Region, Sums, Tenant, Token, User, Vm, Webhook } from './client';

/** The figures of hosts change every second and are no events: they are asked for again. */
const LIVE = 3_000;
const HOST_LIMIT = 20_000;

/** A list that took long to read is asked for less often: at most a tenth of the time goes to it. */
function pace(items: number): number {
  return items <= 1_000 ? LIVE : 30_000;
}

export const fabricQuery = queryOptions({
  queryKey: ['fabric'],
  queryFn: ({ signal }) => call<Fabric>('/api/v1/fabric', { signal }),
  refetchInterval: 10_000,
});

export const capacityQuery = queryOptions({
  queryKey: ['capacity'],
  queryFn: async ({ signal }) => (await get<{ total: Sums }>('/api/v1/capacity?pageSize=1', signal)).total,
  refetchInterval: LIVE,
});

export const hostsQuery = queryOptions({
  queryKey: ['hosts'],
  queryFn: ({ signal }) => list<Host>('/api/v1/hosts', HOST_LIMIT, signal),
  refetchInterval: (query) => pace(query.state.data?.items.length ?? 0),
  // Comparing 10,000 hosts field by field takes longer than drawing the 30 in sight.
  structuralSharing: false,
});

export const hostQuery = (id: string) =>
  queryOptions({
    queryKey: ['host', id],
    queryFn: ({ signal }): Promise<Answer<Host>> => call<Host>(`/api/v1/hosts/${id}`, { signal }),
    refetchInterval: LIVE,
  });

export const vmsQuery = (hostId?: string) =>
  queryOptions({
    queryKey: ['vms', hostId ?? 'all'],
    queryFn: ({ signal }) =>
      list<Vm>(hostId === undefined ? '/api/v1/vms' : `/api/v1/vms?hostId=${hostId}`, HOST_LIMIT, signal),
    refetchInterval: (query) => pace(query.state.data?.items.length ?? 0),
    placeholderData: keepPreviousData,
    structuralSharing: false,
  });

export const vmQuery = (id: string) =>
  queryOptions({
    queryKey: ['vm', id],
    queryFn: ({ signal }) => call<Vm>(`/api/v1/vms/${id}`, { signal }),
    refetchInterval: LIVE,
  });

export const decisionsQuery = (vmId: string) =>
  queryOptions({
    queryKey: ['vm', vmId, 'decisions'],
    queryFn: async ({ signal }) =>
      (await get<{ decisions: Decision[] }>(`/api/v1/vms/${vmId}/explain`, signal)).decisions,
    refetchInterval: LIVE,
  });

export const grantsQuery = (vmId?: string) =>
  queryOptions({
    queryKey: ['grants', vmId ?? 'all'],
    queryFn: ({ signal }) =>
      list<Grant>(vmId === undefined ? '/api/v1/grants' : `/api/v1/grants?vmId=${vmId}`, 5_000, signal),
    refetchInterval: 10_000,
  });

export const grantQuery = (id: string) =>
  queryOptions({
    queryKey: ['grant', id],
    queryFn: ({ signal }) => call<Grant>(`/api/v1/grants/${id}`, { signal }),
    refetchInterval: 5_000,
  });

/** What hosts are waiting for. */
export const openRecallsQuery = queryOptions({
  queryKey: ['recalls', 'open'],
  queryFn: async ({ signal }) => (await list<Recall>('/api/v1/recalls?state=OPEN', 1_000, signal)).items,
  refetchInterval: 10_000,
});

/** What a host offers and lends; asked for more often while it is being emptied. */
export const regionsQuery = (hostId: string, leaving = false) =>
  queryOptions({
    queryKey: ['regions', hostId],
    queryFn: ({ signal }) => list<Region>(`/api/v1/regions?hostId=${hostId}`, 4_000, signal),
    refetchInterval: leaving ? 2_000 : 10_000,
  });

/** How many grants the picture of flows is drawn from: each is a request. */
export const FLOW_GRANTS = 40;

const HOLDING: ReadonlySet<string> = new Set(['ACTIVE', 'DEGRADED', 'RECALLING', 'QUARANTINED', 'RESIZING', 'DRAINING', 'PREPARED', 'RESERVED']);

export function holdsMemory(grant: Grant): boolean {
  return HOLDING.has(grant.status.state);
}

/** The largest grants that hold memory, with their extents. */
export const flowGrantsQuery = (grants: Grant[]) => {
  const largest = grants
    .filter(holdsMemory)
    .sort((a, b) => b.status.sizeBytes - a.status.sizeBytes)
    .slice(0, FLOW_GRANTS);
  return queryOptions({
    queryKey: ['flows', largest.map((g) => `${g.id}/${g.revision}`)],
    queryFn: ({ signal }) => Promise.all(largest.map((g) => get<Grant>(`/api/v1/grants/${g.id}`, signal))),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
};

export type EventPage = { items: Event[]; nextPageToken: string | null };

export const tenantsQuery = queryOptions({
  queryKey: ['tenants'],
  queryFn: ({ signal }) => list<Tenant>('/api/v1/tenants', 2_000, signal),
  refetchInterval: 10_000,
});

export const tenantQuery = (id: string) =>
  queryOptions({
    queryKey: ['tenant', id],
    queryFn: ({ signal }) => call<Tenant>(`/api/v1/tenants/${id}`, { signal }),
    refetchInterval: 10_000,
  });

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => list<Token>('/api/v1/tokens', 2_000, signal),
});

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => list<User>('/api/v1/users', 2_000, signal),
});

/** How deliveries go is no event, so it is asked for again. */
export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: ({ signal }) => list<Webhook>('/api/v1/webhooks', 1_000, signal),
  refetchInterval: LIVE,
});
