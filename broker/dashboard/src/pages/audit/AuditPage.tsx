import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { SortingState } from '@tanstack/react-table';
import { get } from '../../api/client';
import type { AuditEntry } from '../../api/client';
import { DataTable } from '../../parts/DataTable';
import type { Column } from '../../parts/DataTable';
import { Empty, Failure, Loaded, PageHead, Panel } from '../../parts/Frame';
import { count, readable, visible } from '../../parts/format';
import { Badge, Time } from '../../parts/Values';

interface Verdict {
  whole: boolean;
  entries: number;
  firstBroken: number | null;
  lastHash: string | null;
}

function text(id: 'actor' | 'source' | 'action' | 'object' | 'detail', header: string, width?: number): Column<AuditEntry> {
  return {
    id,
    header,
    accessorFn: (entry) => entry[id] ?? '',
    cell: ({ row }) => <Said of={row.original[id] ?? ''} />,
    meta: width === undefined ? {} : { width },
  };
}

/** Words of the trail with ids shortened and sizes in GiB; exactly what was written is their title. */
function Said({ of }: { of: string }): ReactNode {
  return <bdi title={visible(of)}>{readable(of, () => undefined)}</bdi>;
}

const COLUMNS: Column<AuditEntry>[] = [
  { id: 'id', header: 'No.', accessorFn: (entry) => entry.id, meta: { width: 66, end: true } },
  { id: 'at', header: 'When', accessorFn: (entry) => entry.at, cell: ({ row }) => <Time of={row.original.at} />, meta: { width: 126 } },
  text('actor', 'Who', 172),
  text('source', 'From', 92),
  text('action', 'Did', 142),
  text('object', 'To', 178),
  text('detail', 'Detail'),
  {
    id: 'hash',
    header: 'Hash',
    accessorFn: (entry) => entry.hash,
    cell: ({ row }) => <code title={row.original.hash}>{row.original.hash.slice(0, 10)}</code>,
    meta: { width: 100 },
  },
];

/** Who did what, and whether the trail is as it was written. */
export function AuditPage(): ReactNode {
  const [filter, setFilter] = useState({ actor: '', action: '' });
  const [sorting, setSorting] = useState<SortingState>([{ id: 'id', desc: true }]);
  const wanted = (['actor', 'action'] as const)
    .filter((key) => filter[key] !== '')
    .map((key) => `&${key}=${encodeURIComponent(filter[key])}`)
    .join('');
  const trail = useInfiniteQuery({
    queryKey: ['audit', wanted],
    queryFn: ({ pageParam, signal }) =>
      get<{ items: AuditEntry[]; nextPageToken: string | null }>(
        `/api/v1/audit?pageSize=200${wanted}${pageParam === '' ? '' : `&pageToken=${encodeURIComponent(pageParam)}`}`,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextPageToken,
  });
  const rows = trail.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div>
      <PageHead title="Audit" note={`${count(rows.length)} entries read`} />
      <ChainPanel />
      <div className="filter-bar">
        {(['actor', 'action'] as const).map((key) => (
          <input
            key={key}
            type="search"
            aria-label={key === 'actor' ? 'Only by this caller' : 'Only this action'}
            placeholder={key === 'actor' ? 'Caller, such as user:admin' : 'Action, such as grant_active'}
            value={filter[key]}
            onChange={(e) => setFilter({ ...filter, [key]: e.target.value.trim() })}
          />
        ))}
        {trail.hasNextPage ? (
          <button type="button" disabled={trail.isFetching} onClick={() => void trail.fetchNextPage()}>
            {trail.isFetching ? 'Reading…' : 'Read on'}
          </button>
        ) : null}
      </div>
      <Panel title="The trail" flush>
        <Loaded query={trail}>
          {() => (
            <DataTable
              label="Audit trail"
              rows={rows}
              columns={COLUMNS}
              rowId={(entry) => String(entry.id)}
              sorting={sorting}
              onSorting={setSorting}
              tall
              empty={<Empty title="Nothing matches.">Callers and actions are compared whole.</Empty>}
            />
          )}
        </Loaded>
      </Panel>
    </div>
  );
}

/** Has every hash computed anew. */
function ChainPanel(): ReactNode {
  const check = useQuery({
    queryKey: ['audit', 'verify'],
    queryFn: ({ signal }) => get<Verdict>('/api/v1/audit:verify', signal),
    enabled: false,
    gcTime: 0,
  });
  const verdict = check.data;
  return (
    <Panel
      title="The chain"
      note="each entry has the hash of itself and of the one before"
      tools={
        <button type="button" disabled={check.isFetching} onClick={() => void check.refetch()}>
          {check.isFetching ? 'Checking…' : 'Check the chain'}
        </button>
      }
    >
      {check.isError ? <Failure error={check.error} /> : null}
      {verdict === undefined ? (
        <p className="faint">Not checked since this page was opened.</p>
      ) : (
        <p role="status">
          <Badge tone={verdict.whole ? 'good' : 'bad'}>{verdict.whole ? 'Whole' : 'Broken'}</Badge>{' '}
          {verdict.whole ? (
            <>
              All {count(verdict.entries)} entries are as they were written. Keep the last hash elsewhere to find out whether the end is
              cut off: <code className="wrap">{verdict.lastHash}</code>
            </>
          ) : (
            <>
              Entry {verdict.firstBroken} is not as it was written: somebody changed the trail from there on. Entries before it are whole.
            </>
          )}
        </p>
      )}
    </Panel>
  );
}
