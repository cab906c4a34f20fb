import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Event } from '../../api/client';
import { newestEvents, useRecentEvents } from '../../live/live';
import { Empty, Loaded, Panel } from '../../parts/Frame';
import { EventList } from './EventList';

/** Events about one thing, the newest first: those that were before, and each new one as it comes. */
export function useEventsOf(filter: string, about: (event: Event) => boolean) {
  const before = useQuery({
    queryKey: ['events-of', filter],
    queryFn: () => newestEvents(filter, 100),
    staleTime: 60_000,
  });
  const recent = useRecentEvents();
  const events = useMemo(() => {
    const known = before.data ?? [];
    const last = known[0]?.id ?? 0;
    const fresh = recent.filter((event) => event.id > last && about(event)).reverse();
    return [...fresh, ...known];
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [before.data, recent, filter]);
  return { before, events };
}

export function EventsOf({ filter, about }: { filter: string; about: (event: Event) => boolean }): ReactNode {
  const { before, events } = useEventsOf(filter, about);
  return (
    <Panel title="What happened here">
      <Loaded query={before}>
        {() => (events.length === 0 ? <Empty title="Nothing has happened yet." /> : <EventList events={events.slice(0, 30)} />)}
      </Loaded>
    </Panel>
  );
}
