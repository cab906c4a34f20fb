import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { grantsQuery, holdsMemory } from '../../api/queries';
import { Empty, Loaded, PageHead, Panel } from '../../parts/Frame';
import { count, gib } from '../../parts/format';
import { useMay } from '../../session/session';
import { useListState } from '../listState';
import { GiveDialog } from './GiveDialog';
import { GrantTable } from './GrantTable';
import { hasEnded, urgencyOf } from './grantState';

export function GrantsPage(): ReactNode {
  const grants = useQuery(grantsQuery());
  const { q, setQ, only, sorting, onSorting, change } = useListState('/grants', 'urgency');
  const [giving, setGiving] = useState(false);
  const operates = useMay('operate-grants');
  const all = grants.data?.items ?? [];
  const live = all.filter(holdsMemory);
  const rows = useMemo(() => {
    if (only === 'all') return all;
    if (only === 'degraded') return all.filter((grant) => urgencyOf(grant) <= 2);
    return all.filter((grant) => !hasEnded(grant));
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [grants.data, only]);
  return (
    <div>
      <PageHead
        title="Grants"
        note={
          <>
            <span>{count(live.length)} hold memory</span>
            <span>{gib(live.reduce((sum, grant) => sum + grant.status.sizeBytes, 0))} granted</span>
            {grants.data?.complete === false ? <span>only the first {count(all.length)} are shown</span> : null}
          </>
        }
      >
        {operates ? (
          <button type="button" className="primary" onClick={() => setGiving(true)}>
            Give memory
          </button>
        ) : null}
      </PageHead>
      {giving ? <GiveDialog onClose={() => setGiving(false)} /> : null}
      <div className="filter-bar">
        <input
          type="search"
          aria-label="Filter grants"
          placeholder="Filter by id, VM, host or state"
          value={q}
          onChange={(e) => setQ(e.target.value)}
        />
        <label className="pick">
          Show
          <select value={only} onChange={(e) => change({ only: e.target.value })}>
            <option value="">those that live</option>
            <option value="degraded">those in trouble</option>
            <option value="all">all of them</option>
          </select>
        </label>
      </div>
      <Panel title="All grants" note="in trouble first" flush>
        <Loaded query={grants}>
          {() => (
            <GrantTable
              grants={rows}
              filter={q}
              sorting={sorting}
              onSorting={onSorting}
              tall
              empty={
                rows.length > 0 || q !== '' ? (
                  <Empty title="No grant matches.">Filter by something else, or show all of them.</Empty>
                ) : only === 'degraded' ? (
                  <Empty title="No grant is in trouble." />
                ) : (
                  <Empty title="No grant lives.">
                    {all.length > 0 ? 'Show all of them to see those that have ended.' : 'Give a VM memory with the button above.'}
                  </Empty>
                )
              }
            />
          )}
        </Loaded>
      </Panel>
    </div>
  );
}
