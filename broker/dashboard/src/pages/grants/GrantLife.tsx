import type { ReactNode } from 'react';
import type { Grant } from '../../api/client';
import { Empty, Loaded, Panel } from '../../parts/Frame';
import { Time } from '../../parts/Values';
import { Detail, titleOf, toneOf } from '../events/EventList';
import { useEventsOf } from '../events/EventsOf';
import { useHostNames, useVmNames } from '../names';

/** A grant's life, as its events tell it: the newest first. */
export function GrantLife({ grant }: { grant: Grant }): ReactNode {
  const { before, events } = useEventsOf(`&grantId=${grant.id}`, (event) => event.grantId === grant.id);
  const hosts = useHostNames();
  const vms = useVmNames();
  return (
    <Panel title="Its life" note="newest first">
      <Loaded query={before}>
        {() =>
          events.length === 0 ? (
            <Empty title="Nothing is recorded of it." />
          ) : (
            <ol className="timeline">
              {events.map((event) => (
                <li key={event.id} className={toneOf(event)}>
                  <Time of={event.at} />
                  <div>
                    <p className="what">{titleOf(event)}</p>
                    <Detail event={event} hosts={hosts} vms={vms} />
                  </div>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
    </Panel>
  );
}
