import { useEffect, useSyncExternalStore } from 'react';
import type { QueryClient } from '@tanstack/react-query';
import { get } from '../api/client';
import type { Event } from '../api/client';
import { Batch } from './batch';
import { EventStream } from './stream';
import type { Following } from './stream';

export const stream = new EventStream();

/** To ask again ends what was asked before: without a pause, a storm of events would let no answer through. */
const PAUSE_MILLIS = 1_000;

/** The newest events first, as one page. */
export async function newestEvents(filter = '', pageSize = 200): Promise<Event[]> {
  return (await get<{ items: Event[] }>(`/api/v1/events?newest=true&pageSize=${pageSize}${filter}`)).items;
}

/** Follows the broker while somebody is signed in, and asks again for whatever an event is about. */
export function useLiveUpdates(client: QueryClient): void {
  useEffect(() => {
    let gone = false;
    const batch = new Batch<string[]>(PAUSE_MILLIS, (keys) => {
      for (const key of keys) void client.invalidateQueries({ queryKey: key });
    });
    const forget = stream.onEvents((events) => batch.add(keysOf(events)));
    void newestEvents()
      .catch(() => [])
      .then((events) => {
        if (!gone) stream.start(events.reverse());
      });
    return () => {
      gone = true;
      forget();
      batch.stop();
      stream.stop();
    };
  }, [client]);
}

/** What has changed for these events. Long lists are asked for at their own pace. */
function keysOf(events: Event[]): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  const add = (...key: string[]) => keys.set(key.join('/'), key);
  for (const event of events) {
    if (event.grantId !== null) {
      add('grant', event.grantId);
      add('grants');
    }
    if (event.hostId !== null) add('host', event.hostId);
    if (event.vmId !== null) add('vm', event.vmId);
    if (event.hostId === null && event.grantId === null) add('fabric');
  }
  return keys;
}

export function useRecentEvents(): readonly Event[] {
  return useSyncExternalStore(stream.watch, stream.recent);
}

export function useFollowing(): Following {
  return useSyncExternalStore(stream.watch, stream.following);
}
