import { memo } from 'react';
import type { ReactNode } from 'react';
import type { Event } from '../../api/client';
import { readable, visible } from '../../parts/format';
import { GrantLink, HostLink, Time, VmLink } from '../../parts/Values';
import type { Tone } from '../../parts/Values';
import { useHostNames, useVmNames } from '../names';

const TONES: [RegExp, Tone][] = [
  [/failed|lost|problem|quarantin|stopped/, 'bad'],
  [/degraded|unreachable|silent|refused|not_following|emergency|revoked|recall/, 'warn'],
  [/active|reachable|released|enrolled|allowed/, 'good'],
];

export function toneOf(event: Event): Tone {
  return TONES.find(([pattern]) => pattern.test(event.type))?.[1] ?? 'busy';
}

/** The type of an event as words: `grant_active` is "Grant active". */
export function titleOf(event: Event): string {
  const words = event.type.replaceAll('_', ' ').replace(/\bvm\b/g, 'VM');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function EventList({ events }: { events: Event[] }): ReactNode {
  const hosts = useHostNames();
  const vms = useVmNames();
  return (
    <ol className="events">
      {events.map((event) => (
        <Row key={event.id} event={event} hosts={hosts} vms={vms} />
      ))}
    </ol>
  );
}

/** An event does not change: its row is drawn once, however many come before it. */
const Row = memo(function Row({ event, hosts, vms }: LinksProps): ReactNode {
  return (
    <li>
      <span className="faint">
        <Time of={event.at} />
      </span>
      <div>
        <p>
          <span className="event-type">{titleOf(event)}</span> <EventLinks event={event} hosts={hosts} vms={vms} />
        </p>
        <Detail event={event} hosts={hosts} vms={vms} />
      </div>
    </li>
  );
});

/** What the broker says of it; the broker's own words are its title. */
export function Detail({ event, hosts, vms }: LinksProps): ReactNode {
  return (
    <p className="detail faint" title={visible(event.detail)}>
      <bdi>{readable(event.detail, (id) => hosts.get(id) ?? vms.get(id))}</bdi>
    </p>
  );
}

interface LinksProps {
  event: Event;
  hosts: ReadonlyMap<string, string>;
  vms: ReadonlyMap<string, string>;
}

export function EventLinks({ event, hosts, vms }: LinksProps): ReactNode {
  return (
    <>
      {event.hostId === null ? null : (
        <>
          {' · '}
          <HostLink id={event.hostId} name={hosts.get(event.hostId)} />
        </>
      )}
      {event.vmId === null ? null : (
        <>
          {' · '}
          <VmLink id={event.vmId} name={vms.get(event.vmId)} />
        </>
      )}
      {event.grantId === null ? null : (
        <>
          {' · '}
          <GrantLink id={event.grantId} />
        </>
      )}
    </>
  );
}
