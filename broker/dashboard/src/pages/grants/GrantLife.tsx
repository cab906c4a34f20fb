import type { ReactNode } from 'react';
import type { Grant } from '../../api/client';
import { Empty, Loaded, Panel } from '../../parts/Frame';
import { visible } from '../../parts/format';
import { Time } from '../../parts/Values';
import { titleOf, toneOf } from '../events/EventList';
import { useEventsOf } from '../events/EventsOf';

/** A grant's life, as its events tell it: the newest first. */
export function GrantLife({ grant }: { grant: Grant }): ReactNode {
  const { before, events } = useEventsOf(`&grantId=${grant.id}`, (event) => event.grantId === grant.id);
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
                    <p className="faint">
                      <bdi>{visible(event.detail)}</bdi>
                    </p>
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
