import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { OnChangeFn, SortingState } from '@tanstack/react-table';
import type { Grant } from '../../api/client';
import { DataTable } from '../../parts/DataTable';
import type { Column } from '../../parts/DataTable';
import { visible } from '../../parts/format';
import { Ago, Badge, Bytes, GrantLink, HostLink, VmLink } from '../../parts/Values';
import { useHostNames, useVmNames } from '../names';
import { meaningOf, problemOf, toneOfGrant, urgencyOf } from './grantState';

function columns(hosts: ReadonlyMap<string, string>, vms: ReadonlyMap<string, string>): Column<Grant>[] {
  return [
    {
      id: 'urgency',
      header: 'State',
      accessorFn: (grant) => urgencyOf(grant),
      cell: ({ row }) => (
        <Badge tone={toneOfGrant(row.original.status.state)} title={meaningOf(row.original.status.state)}>
          {row.original.status.state}
        </Badge>
      ),
      meta: { width: 104 },
    },
    {
      id: 'problem',
      header: 'Problem',
      accessorFn: (grant) => problemOf(grant)?.code ?? '',
      cell: ({ row }) => {
        const problem = problemOf(row.original);
        return problem === undefined ? null : (
          <bdi title={visible(problem.detail)}>{visible(problem.detail === '' ? problem.code : problem.detail)}</bdi>
        );
      },
    },
    {
      id: 'id',
      header: 'Grant',
      accessorFn: (grant) => grant.id,
      cell: ({ row }) => <GrantLink id={row.original.id} />,
      meta: { width: 138 },
    },
    {
      id: 'vm',
      header: 'VM',
      accessorFn: (grant) => vms.get(grant.spec.vmId) ?? grant.spec.vmId,
      cell: ({ row }) => <VmLink id={row.original.spec.vmId} name={vms.get(row.original.spec.vmId)} />,
      meta: { width: 150 },
    },
    {
      id: 'host',
      header: 'On host',
      accessorFn: (grant) => hosts.get(grant.status.borrowerId) ?? grant.status.borrowerId,
      cell: ({ row }) => <HostLink id={row.original.status.borrowerId} name={hosts.get(row.original.status.borrowerId)} />,
      meta: { width: 120 },
    },
    {
      id: 'size',
      header: 'Size',
      accessorFn: (grant) => grant.status.sizeBytes,
      cell: ({ row }) => <Bytes of={row.original.status.sizeBytes} />,
      meta: { width: 82, end: true },
    },
    { id: 'copies', header: 'Copies', accessorFn: (grant) => grant.spec.copies ?? 1, meta: { width: 72, end: true } },
    { id: 'class', header: 'Class', accessorFn: (grant) => grant.spec.latencyClass ?? 'ANY', meta: { width: 92 } },
    { id: 'mode', header: 'Used as', accessorFn: (grant) => grant.spec.attachMode, meta: { width: 84 } },
    {
      id: 'changed',
      header: 'Changed',
      accessorFn: (grant) => grant.updatedAt,
      cell: ({ row }) => <Ago of={row.original.updatedAt} />,
      meta: { width: 92, end: true },
    },
  ];
}

interface Props {
  grants: Grant[];
  empty: ReactNode;
  withVm?: boolean;
  filter?: string;
  sorting?: SortingState;
  onSorting?: OnChangeFn<SortingState>;
  tall?: boolean;
}

const URGENT_FIRST: SortingState = [{ id: 'urgency', desc: false }];

export function GrantTable({ grants, empty, withVm = true, filter = '', sorting, onSorting, tall = false }: Props): ReactNode {
  const hosts = useHostNames();
  const vms = useVmNames();
  const [own, setOwn] = useState<SortingState>(URGENT_FIRST);
  const all = useMemo(() => columns(hosts, vms), [hosts, vms]);
  const shown = useMemo(() => ({ vm: withVm, host: withVm }), [withVm]);
  const matches = (grant: Grant, text: string) => {
    const wanted = text.toLowerCase();
    const name = vms.get(grant.spec.vmId) ?? '';
    const host = hosts.get(grant.status.borrowerId) ?? '';
    return (
      grant.id.startsWith(wanted) ||
      grant.status.state.toLowerCase().includes(wanted) ||
      visible(name).toLowerCase().includes(wanted) ||
      visible(host).toLowerCase().includes(wanted)
    );
  };
  return (
    <DataTable
      label="Grants"
      rows={grants}
      columns={all}
      rowId={(grant) => grant.id}
      sorting={sorting ?? own}
      onSorting={onSorting ?? setOwn}
      filter={filter}
      matches={matches}
      hidden={shown}
      tall={tall}
      empty={empty}
    />
  );
}
