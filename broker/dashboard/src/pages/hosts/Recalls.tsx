import { queryOptions, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { list } from '../../api/client';
import type { Schemas } from '../../api/client';
import { Empty, Loaded, Panel } from '../../parts/Frame';
import { visible } from '../../parts/format';
import { Badge, Bytes, Time } from '../../parts/Values';

type Recall = Schemas['Recall'];

const recallsQuery = (hostId: string) =>
  queryOptions({
    queryKey: ['host', hostId, 'recalls'],
    queryFn: ({ signal }) => list<Recall>(`/api/v1/recalls?hostId=${hostId}`, 200, signal),
    refetchInterval: 5_000,
  });

const REASONS = { OPERATOR: 'asked for by an operator', SHORTAGE: 'it is short of memory', DRAIN: 'it is drained' } as const;

/** What is being asked back from a host's borrowers, and how far that is. */
export function RecallsPanel({ hostId }: { hostId: string }): ReactNode {
  const recalls = useQuery(recallsQuery(hostId));
  return (
    <Panel title="Recalls" note="memory that it gets back from those to whom it lends">
      <Loaded query={recalls}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing was ever recalled." />
          ) : (
            <ul className="health">
              {[...items]
                .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
                .slice(0, 10)
                .map((recall) => (
                  <RecallRow key={recall.id} recall={recall} />
                ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function RecallRow({ recall: { spec, status, createdAt } }: { recall: Recall }): ReactNode {
  const tone = status.state !== 'OPEN' ? 'quiet' : status.late ? 'bad' : 'busy';
  return (
    <li>
      <span>
        <Badge tone={tone}>{status.late && status.state === 'OPEN' ? 'LATE' : status.state}</Badge>
      </span>
      <div>
        <p>
          <span className="strong">
            <Bytes of={spec.bytes} />
          </span>
          , {REASONS[status.reason]}
          {status.state === 'OPEN' ? (
            <>
              {'; '}
              <Bytes of={status.leftBytes} /> to go, by <Time of={spec.deadline} />
            </>
          ) : null}
        </p>
        {status.problem === null ? null : <p>{visible(status.problem)}</p>}
        {status.plan === null ? null : <p>{visible(status.plan)}</p>}
      </div>
      <Time of={createdAt} />
    </li>
  );
}
