import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get } from '../../api/client';
import type { EventPage } from '../../api/queries';
import { useFollowing, useRecentEvents } from '../../live/live';
import { Empty, Failure, PageHead, Panel } from '../../parts/Frame';
import { count } from '../../parts/format';
import { useListState } from '../listState';
import { EventList, titleOf } from './EventList';

/** Everything that happened, the newest first: what the stream tells, then older pages on demand. */
export function EventsPage(): ReactNode {
  const { q, setQ } = useListState('/events', '-at');
  const following = useFollowing();
  const recent = useRecentEvents();
  const oldestHere = recent[0]?.id;
  const older = useInfiniteQuery({
    queryKey: ['older-events'],
    queryFn: ({ pageParam, signal }) =>
      get<EventPage>(`/api/v1/events?newest=true&pageSize=200&pageToken=${encodeURIComponent(pageParam)}`, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextPageToken,
    enabled: false,
  });
  const pages = older.data?.pages.flatMap((page) => page.items) ?? [];
  const all = [...[...recent].reverse(), ...pages.filter((event) => oldestHere === undefined || event.id < oldestHere)];
  const wanted = q.toLowerCase();
  const shown = wanted === '' ? all : all.filter((event) => `${titleOf(event)} ${event.type} ${event.detail}`.toLowerCase().includes(wanted));
  const first = older.data === undefined;
  const more = first ? recent.length >= 200 : older.hasNextPage;
  return (
    <div>
      <PageHead title="Events" note={following === 'live' ? 'New ones appear by themselves.' : undefined} />
      <div className="filter-bar">
        <input
          type="search"
          aria-label="Filter events"
          placeholder="Filter by type or text"
          value={q}
          onChange={(e) => setQ(e.target.value)}
        />
        <span className="faint number">
          {count(shown.length)} of {count(all.length)} read
        </span>
      </div>
      <Panel title="What happened">
        {shown.length === 0 ? (
          <Empty title={all.length === 0 ? 'Nothing has happened yet.' : 'No event that was read matches.'}>
            {all.length === 0 ? 'Events come as soon as a host joins.' : 'Read older ones, or filter by something else.'}
          </Empty>
        ) : (
          <EventList events={shown.slice(0, 500)} />
        )}
        {older.isError ? <Failure error={older.error} /> : null}
        {more ? (
          <div className="buttons">
            <button type="button" disabled={older.isFetching} onClick={() => void older.fetchNextPage()}>
              {older.isFetching ? 'Reading…' : 'Read older events'}
            </button>
          </div>
        ) : null}
      </Panel>
    </div>
  );
}
