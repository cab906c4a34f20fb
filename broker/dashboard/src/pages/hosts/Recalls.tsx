import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call, list } from '../../api/client';
import type { Recall } from '../../api/client';
import { Confirm } from '../../parts/Dialog';
import { Empty, Loaded, Panel } from '../../parts/Frame';
import { gib, visible } from '../../parts/format';
import { Progress } from '../../parts/Progress';
import { Badge, Bytes, Time } from '../../parts/Values';
import { useMay } from '../../session/session';

/** The newest first. While one is open its figures change every second. */
export const recallsQuery = (hostId: string) =>
  queryOptions({
    queryKey: ['host', hostId, 'recalls'],
    queryFn: async ({ signal }) => {
      const { items } = await list<Recall>(`/api/v1/recalls?hostId=${hostId}`, 1_000, signal);
      return items.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    },
    refetchInterval: ({ state }) => (state.data?.some(isOpen) === true ? 1_000 : 5_000),
  });

export function isOpen(recall: Recall): boolean {
  return recall.status.state === 'OPEN';
}

/** What is back already of what a recall asks for. */
export function backOf({ spec, status }: Recall): number {
  return Math.max(0, spec.bytes - status.leftBytes);
}

const REASONS = { OPERATOR: 'asked for by an operator', SHORTAGE: 'it is short of memory', DRAIN: 'it is drained' } as const;

/** What is being asked back from a host's borrowers, and how far that is. */
export function RecallsPanel({ hostId }: { hostId: string }): ReactNode {
  const recalls = useQuery(recallsQuery(hostId));
  return (
    <Panel title="Recalls" note="memory that it gets back from those to whom it lends">
      <Loaded query={recalls}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="Nothing was ever recalled.">A host that runs short of memory recalls by itself.</Empty>
          ) : (
            <ul className="health">
              {all.slice(0, 10).map((recall) => (
                <RecallRow key={recall.id} recall={recall} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function RecallRow({ recall }: { recall: Recall }): ReactNode {
  const { spec, status, createdAt } = recall;
  const open = isOpen(recall);
  const tone = !open ? 'quiet' : status.late ? 'bad' : 'busy';
  // A drain ends when the host is in service again.
  const endable = useMay('operate-fabric') && open && status.reason !== 'DRAIN';
  return (
    <li>
      <span>
        <Badge tone={tone}>{status.late && open ? 'LATE' : status.state}</Badge>
      </span>
      <div>
        <p>
          <span className="strong">
            <Bytes of={spec.bytes} />
          </span>
          , {REASONS[status.reason]}
        </p>
        {open ? (
          <>
            <Progress label="Progress of the recall" done={backOf(recall)} whole={spec.bytes} verb="are back" />
            <p>
              <Bytes of={status.leftBytes} /> to go, by <Time of={spec.deadline} />
            </p>
          </>
        ) : null}
        {status.problem === null ? null : <p className="strong">{visible(status.problem)}</p>}
        {status.plan === null || !open ? null : <p className="faint">{visible(status.plan)}</p>}
        {endable ? <EndRecall recall={recall} /> : null}
      </div>
      <Time of={createdAt} />
    </li>
  );
}

function EndRecall({ recall }: { recall: Recall }): ReactNode {
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const act = async () => {
    await call(`/api/v1/recalls/${recall.id}`, { method: 'DELETE' });
    await client.invalidateQueries({ queryKey: ['host', recall.spec.hostId] });
  };
  return (
    <>
      <button type="button" className="small" onClick={() => setAsked(true)}>
        End this recall
      </button>
      {asked ? (
        <Confirm
          title={`End the recall of ${gib(recall.spec.bytes)}`}
          effect={<p>The host may lend again what it has back. Moves that are under way go on.</p>}
          verb="End it"
          act={act}
          onClose={() => setAsked(false)}
        />
      ) : null}
    </>
  );
}
