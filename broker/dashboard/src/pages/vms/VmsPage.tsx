import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { vmsQuery } from '../../api/queries';
import { Empty, Loaded, PageHead, Panel } from '../../parts/Frame';
import { count, gib } from '../../parts/format';
import { useListState } from '../listState';
import { reclaimedOf, VmTable } from './VmTable';

export function VmsPage(): ReactNode {
  const vms = useQuery(vmsQuery());
  const { q, setQ, sorting, onSorting } = useListState('/vms', 'name');
  const all = vms.data?.items ?? [];
  const running = all.filter((vm) => vm.status.state === 'RUNNING').length;
  const reclaimed = all.reduce((sum, vm) => sum + (reclaimedOf(vm) ?? 0), 0);
  return (
    <div>
      <PageHead
        title="VMs"
        note={
          <>
            <span>
              {count(running)} of {count(all.length)} running
            </span>
            <span>{gib(reclaimed)} reclaimed from them</span>
            {vms.data?.complete === false ? <span>only the first {count(all.length)} are shown</span> : null}
          </>
        }
      />
      <div className="filter-bar">
        <input
          type="search"
          aria-label="Filter VMs"
          placeholder="Filter by name, id, host or state"
          value={q}
          onChange={(e) => setQ(e.target.value)}
        />
      </div>
      <Panel title="All VMs" flush>
        <Loaded query={vms}>
          {() => (
            <VmTable
              vms={all}
              filter={q}
              sorting={sorting}
              onSorting={onSorting}
              tall
              empty={
                all.length === 0 ? (
                  <Empty title="No host has told of a VM.">VMs appear within a second of their start on a host that has joined.</Empty>
                ) : (
                  <Empty title="No VM matches.">Filter by something else, or by nothing.</Empty>
                )
              }
            />
          )}
        </Loaded>
      </Panel>
    </div>
  );
}
