import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { OnChangeFn, SortingState } from '@tanstack/react-table';
import type { Vm } from '../../api/client';
import { DataTable } from '../../parts/DataTable';
import type { Column } from '../../parts/DataTable';
import { visible } from '../../parts/format';
import { byName } from '../../parts/natural';
import { Ago, Badge, Bytes, HostLink, VmLink } from '../../parts/Values';
import { useHostNames } from '../names';

const STATES = { RUNNING: 'good', PAUSED: 'warn', OFF: 'quiet' } as const;

/** What a VM lacks of its most memory because its balloon holds it. */
export function reclaimedOf(vm: Vm): number | null {
  return vm.status.balloonBytes === null ? null : Math.max(0, vm.status.maxBytes - vm.status.balloonBytes);
}

/** Why nothing is taken from it, or not much; empty where all is as it should be. */
function noteOf({ status }: Vm): string {
  if (status.excludedBecause !== null) return status.excludedBecause;
  return status.guestDaemon ? '' : 'its balloon daemon is not heard';
}

function columns(hosts: ReadonlyMap<string, string>): Column<Vm>[] {
  return [
    {
      id: 'name',
      header: 'VM',
      accessorFn: (vm) => vm.status.name,
      sortingFn: (a, b) => byName(a.original.status.name, b.original.status.name),
      cell: ({ row }) => <VmLink id={row.original.id} name={row.original.status.name} />,
      meta: { width: 178 },
    },
    {
      id: 'host',
      header: 'Host',
      accessorFn: (vm) => hosts.get(vm.status.hostId) ?? vm.status.hostId,
      cell: ({ row }) => <HostLink id={row.original.status.hostId} name={hosts.get(row.original.status.hostId)} />,
      meta: { width: 140 },
    },
    {
      id: 'state',
      header: 'State',
      accessorFn: (vm) => vm.status.state,
      cell: ({ row }) => <Badge tone={STATES[row.original.status.state]}>{row.original.status.state}</Badge>,
      meta: { width: 100 },
    },
    bytes('max', 'Most', (vm) => vm.status.maxBytes),
    bytes('balloon', 'Has now', (vm) => vm.status.balloonBytes),
    bytes('reclaimed', 'Reclaimed', reclaimedOf),
    bytes('usable', 'Usable', (vm) => vm.status.usableBytes),
    bytes('resident', 'Resident', (vm) => vm.status.residentBytes),
    {
      id: 'note',
      header: 'Left alone',
      accessorFn: noteOf,
      cell: ({ row }) => <bdi title={visible(noteOf(row.original))}>{visible(noteOf(row.original))}</bdi>,
    },
    {
      id: 'heard',
      header: 'Told',
      accessorFn: (vm) => vm.status.reportedAt ?? '',
      cell: ({ row }) => <Ago of={row.original.status.reportedAt} />,
      meta: { width: 92, end: true },
    },
  ];
}

function bytes(id: string, header: string, of: (vm: Vm) => number | null | undefined): Column<Vm> {
  return {
    id,
    header,
    accessorFn: (vm) => of(vm) ?? -1,
    cell: ({ row }) => <Bytes of={of(row.original)} />,
    meta: { width: 84, end: true },
  };
}

interface Props {
  vms: Vm[];
  empty: ReactNode;
  withHost?: boolean;
  filter?: string;
  sorting?: SortingState;
  onSorting?: OnChangeFn<SortingState>;
  tall?: boolean;
}

export function VmTable({ vms, empty, withHost = true, filter = '', sorting, onSorting, tall = false }: Props): ReactNode {
  const hosts = useHostNames();
  const [own, setOwn] = useState<SortingState>([{ id: 'name', desc: false }]);
  const all = useMemo(() => columns(hosts), [hosts]);
  const shown = useMemo(() => ({ host: withHost }), [withHost]);
  return (
    <DataTable
      label="VMs"
      rows={vms}
      columns={all}
      rowId={(vm) => vm.id}
      sorting={sorting ?? own}
      onSorting={onSorting ?? setOwn}
      filter={filter}
      matches={(vm, wanted) => matchesVm(vm, wanted, hosts)}
      hidden={shown}
      tall={tall}
      empty={empty}
    />
  );
}

function matchesVm(vm: Vm, filter: string, hosts: ReadonlyMap<string, string>): boolean {
  const wanted = filter.toLowerCase();
  return (
    visible(vm.status.name).toLowerCase().includes(wanted) ||
    vm.status.name.toLowerCase().includes(wanted) ||
    vm.id.startsWith(wanted) ||
    vm.status.state.toLowerCase() === wanted ||
    (hosts.get(vm.status.hostId) ?? '').toLowerCase().includes(wanted)
  );
}
