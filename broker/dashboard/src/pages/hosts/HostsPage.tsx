import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Host } from '../../api/client';
import { hostsQuery } from '../../api/queries';
import { useColumns } from '../../parts/columns';
import { DataTable } from '../../parts/DataTable';
import type { Column } from '../../parts/DataTable';
import { Empty, Loaded, PageHead, Panel } from '../../parts/Frame';
import { count, visible } from '../../parts/format';
import { byName } from '../../parts/natural';
import { Stack } from '../../parts/Stack';
import { Ago, Badge, Bytes, HostLink, Unknown } from '../../parts/Values';
import { useMay } from '../../session/session';
import { useListState } from '../listState';
import { HostsPicture } from './HostsPicture';
import { memoryOf, stateOf } from './hostState';
import { JoinDialog } from './JoinDialog';

const COLUMNS: Column<Host>[] = [
  {
    id: 'name',
    header: 'Host',
    accessorFn: (host) => host.status.name,
    sortingFn: (a, b) => byName(a.original.status.name, b.original.status.name),
    cell: ({ row }) => <HostLink id={row.original.id} name={row.original.status.name} />,
    meta: { width: 190 },
  },
  {
    id: 'state',
    header: 'State',
    accessorFn: (host) => stateOf(host).word,
    cell: ({ row }) => {
      const state = stateOf(row.original);
      return (
        <Badge tone={state.tone} title={state.why}>
          {state.word}
        </Badge>
      );
    },
    meta: { width: 96 },
  },
  {
    id: 'memory',
    header: 'Memory',
    enableSorting: false,
    cell: ({ row }) => {
      const slices = memoryOf(row.original);
      return slices.length === 0 ? <Unknown /> : <Stack label="Memory" slices={slices} legend={false} />;
    },
    meta: { width: 130 },
  },
  bytes('total', 'Total', (host) => host.status.memory?.totalBytes),
  bytes('available', 'Available', (host) => host.status.memory?.availableBytes),
  bytes('reserve', 'Reserve', (host) => host.status.memory?.reserveBytes),
  bytes('harvested', 'Reclaimed', (host) => host.status.memory?.harvestedBytes),
  bytes('offered', 'Offered', (host) => host.status.offeredBytes),
  bytes('lent', 'Lent', (host) => host.status.lentBytes),
  bytes('free', 'Free', (host) => host.status.freeBytes),
  bytes('limit', 'May lend', (host) => host.spec.lendLimitBytes),
  {
    id: 'heard',
    header: 'Heard',
    accessorFn: (host) => host.status.lastReportAt ?? '',
    cell: ({ row }) => <Ago of={row.original.status.lastReportAt} />,
    meta: { width: 92, end: true },
  },
  {
    id: 'agent',
    header: 'Agent',
    accessorFn: (host) => host.status.agentVersion,
    cell: ({ row }) => <bdi>{visible(row.original.status.agentVersion)}</bdi>,
    meta: { width: 80 },
  },
];

function bytes(id: string, header: string, of: (host: Host) => number | null | undefined): Column<Host> {
  return {
    id,
    header,
    accessorFn: (host) => of(host) ?? -1,
    cell: ({ row }) => <Bytes of={of(row.original)} />,
    meta: { width: 86, end: true },
  };
}

const OPTIONAL = ['reserve', 'offered', 'limit', 'heard', 'agent'];
const HIDDEN_AT_FIRST = { offered: false, limit: false, agent: false };

export function matchesHost(host: Host, filter: string): boolean {
  const wanted = filter.toLowerCase();
  return (
    host.status.name.toLowerCase().includes(wanted) ||
    visible(host.status.name).toLowerCase().includes(wanted) ||
    host.id.startsWith(wanted) ||
    host.status.dataAddress.startsWith(wanted) ||
    stateOf(host).word.toLowerCase() === wanted
  );
}

export function HostsPage(): ReactNode {
  const hosts = useQuery(hostsQuery);
  const state = useListState('/hosts', 'name');
  const [joining, setJoining] = useState(false);
  const [hidden, setHidden] = useColumns('hosts', HIDDEN_AT_FIRST);
  const operates = useMay('operate-fabric');
  const rows = useMemo(() => {
    const all = hosts.data?.items ?? [];
    if (state.only === 'silent') return all.filter((host) => !host.status.reachable);
    return all;
  }, [hosts.data, state.only]);
  return (
    <div>
      <PageHead title="Hosts" note={<Summary hosts={hosts.data?.items ?? []} complete={hosts.data?.complete ?? true} />}>
        {operates ? (
          <button type="button" onClick={() => setJoining(true)}>
            Let a host join
          </button>
        ) : null}
      </PageHead>
      {joining ? <JoinDialog onClose={() => setJoining(false)} /> : null}
      {rows.length > 1 ? <HostsPicture hosts={rows} /> : null}
      <div className="filter-bar">
        <input
          type="search"
          aria-label="Filter hosts"
          placeholder="Filter by name, id, address or state"
          value={state.q}
          onChange={(e) => state.setQ(e.target.value)}
        />
        <label className="pick">
          <input
            type="checkbox"
            checked={state.only === 'silent'}
            onChange={(e) => state.change({ only: e.target.checked ? 'silent' : '' })}
          />
          Only silent ones
        </label>
        <ColumnsMenu hidden={hidden} onChange={setHidden} />
      </div>
      <Panel title="All hosts" flush>
        <Loaded query={hosts}>
          {(all) => (
            <DataTable
              label="Hosts"
              rows={rows}
              columns={COLUMNS}
              rowId={(host) => host.id}
              sorting={state.sorting}
              onSorting={state.onSorting}
              filter={state.q}
              matches={matchesHost}
              hidden={hidden}
              tall
              empty={
                all.items.length === 0 ? (
                  <Empty title="No host has joined yet.">Let one join with the button above.</Empty>
                ) : (
                  <Empty title="No host matches.">Filter by something else, or by nothing.</Empty>
                )
              }
            />
          )}
        </Loaded>
      </Panel>
    </div>
  );
}

function Summary({ hosts, complete }: { hosts: Host[]; complete: boolean }): ReactNode {
  const silent = hosts.filter((host) => !host.status.reachable).length;
  return (
    <>
      <span>{complete ? count(hosts.length) : `the first ${count(hosts.length)}`} joined</span>
      <span>{count(hosts.filter((host) => host.spec.mode === 'HARVEST').length)} harvesting</span>
      {silent > 0 ? <Badge tone="warn">{count(silent)} silent</Badge> : <span>none silent</span>}
    </>
  );
}

function ColumnsMenu(props: { hidden: Record<string, boolean>; onChange: (hidden: Record<string, boolean>) => void }): ReactNode {
  return (
    <details className="columns-menu">
      <summary>Columns</summary>
      <div>
        {COLUMNS.filter((column) => OPTIONAL.includes(column.id ?? '')).map((column) => (
          <label key={column.id} className="pick">
            <input
              type="checkbox"
              checked={props.hidden[column.id!] !== false}
              onChange={(e) => props.onChange({ ...props.hidden, [column.id!]: e.target.checked })}
            />
            {String(column.header)}
          </label>
        ))}
      </div>
    </details>
  );
}
