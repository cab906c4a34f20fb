import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { SortingState } from '@tanstack/react-table';
import type { Tenant } from '../../api/client';
import { tenantsQuery } from '../../api/queries';
import { DataTable } from '../../parts/DataTable';
import type { Column } from '../../parts/DataTable';
import { Empty, Loaded, PageHead, Panel } from '../../parts/Frame';
import { count, percent } from '../../parts/format';
import { Bytes, TenantLink, Time } from '../../parts/Values';
import { useMay } from '../../session/session';
import { TenantDialog } from './TenantDialog';

const LENDS = { NOBODY: 'to nobody', ITSELF: 'to itself', EVERYBODY: 'to everybody' } as const;

export function lendsWord(tenant: Tenant): string {
  return LENDS[tenant.spec.lendTo];
}

const COLUMNS: Column<Tenant>[] = [
  {
    id: 'name',
    header: 'Tenant',
    accessorFn: (tenant) => tenant.spec.name,
    cell: ({ row }) => <TenantLink id={row.original.id} name={row.original.spec.name} />,
  },
  {
    id: 'borrowed',
    header: 'Borrows',
    accessorFn: (tenant) => tenant.status.borrowedBytes,
    cell: ({ row }) => <Bytes of={row.original.status.borrowedBytes} />,
    meta: { width: 110, end: true },
  },
  {
    id: 'quota',
    header: 'Quota',
    accessorFn: (tenant) => tenant.spec.maxBytes ?? Infinity,
    cell: ({ row }) => (row.original.spec.maxBytes === null ? 'no limit' : <Bytes of={row.original.spec.maxBytes} />),
    meta: { width: 110, end: true },
  },
  {
    id: 'share',
    header: 'Used',
    accessorFn: (tenant) => tenant.status.borrowedBytes / (tenant.spec.maxBytes ?? Infinity),
    cell: ({ row }) =>
      row.original.spec.maxBytes === null ? '' : percent(row.original.status.borrowedBytes, row.original.spec.maxBytes),
    meta: { width: 80, end: true },
  },
  { id: 'grants', header: 'Grants', accessorFn: (tenant) => tenant.status.grants, meta: { width: 80, end: true } },
  {
    id: 'mostGrants',
    header: 'Most grants',
    accessorFn: (tenant) => tenant.spec.maxGrants ?? Infinity,
    cell: ({ row }) => (row.original.spec.maxGrants === null ? 'no limit' : count(row.original.spec.maxGrants)),
    meta: { width: 104, end: true },
  },
  { id: 'vms', header: 'VMs assigned', accessorFn: (tenant) => tenant.status.assignedVms, meta: { width: 112, end: true } },
  { id: 'lends', header: 'Lends', accessorFn: lendsWord, meta: { width: 120 } },
  { id: 'classes', header: 'Classes', accessorFn: (tenant) => tenant.spec.latencyClasses.join(', '), meta: { width: 180 } },
  {
    id: 'changed',
    header: 'Changed',
    accessorFn: (tenant) => tenant.updatedAt,
    cell: ({ row }) => <Time of={row.original.updatedAt} />,
    meta: { width: 130, end: true },
  },
];

export function TenantsPage(): ReactNode {
  const tenants = useQuery(tenantsQuery);
  const navigate = useNavigate();
  const [sorting, setSorting] = useState<SortingState>([{ id: 'name', desc: false }]);
  const [making, setMaking] = useState(false);
  const operates = useMay('operate-fabric');
  return (
    <div>
      <PageHead title="Tenants" note={tenants.data === undefined ? undefined : `${count(tenants.data.items.length)} in all`}>
        {operates ? (
          <button type="button" onClick={() => setMaking(true)}>
            New tenant
          </button>
        ) : null}
      </PageHead>
      {making ? (
        <TenantDialog
          onDone={(tenant) => void navigate({ to: '/tenants/$id', params: { id: tenant.id } })}
          onClose={() => setMaking(false)}
        />
      ) : null}
      <Panel title="Quotas and use" note="what is borrowed counts every copy" flush>
        <Loaded query={tenants}>
          {(all) => (
            <DataTable
              label="Tenants"
              rows={all.items}
              columns={COLUMNS}
              rowId={(tenant) => tenant.id}
              sorting={sorting}
              onSorting={setSorting}
              tall
              empty={<Empty title="There is no tenant that you may see." />}
            />
          )}
        </Loaded>
      </Panel>
    </div>
  );
}
