import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Host } from '../../api/client';
import { Panel } from '../../parts/Frame';
import { count, visible } from '../../parts/format';
import { Progress } from '../../parts/Progress';
import { Ago, Badge, Bytes, GrantLink } from '../../parts/Values';
import type { Tone } from '../../parts/Values';
import { useHoldings } from './holdings';
import type { Loan } from './loans';
import { backOf, isOpen, recallsQuery } from './Recalls';

const MOST = 8;

/** How far a host is that is taken out of service, what stands in the way, and whether it can be removed. */
export function LeavingPanel({ host }: { host: Host }): ReactNode {
  const recalls = useQuery(recallsQuery(host.id));
  const { loans, borrowed, known } = useHoldings(host);
  const lost = host.status.lostAt !== null;
  const drain = lost ? undefined : recalls.data?.find((recall) => recall.status.reason === 'DRAIN' && recall.status.state !== 'ENDED');
  const moving = drain !== undefined && isOpen(drain);
  const free = known && loans.length === 0 && borrowed.length === 0 && (lost || drain?.status.state === 'DONE');
  return (
    <Panel title="Out of service" note={lost ? 'it counts as lost' : 'what it lends moves to other hosts while the VMs go on'}>
      <ul className="health">
        {lost ? (
          <Line tone="bad" word="Lost" reason="What it lent counts for nothing.">
            Since <Ago of={host.status.lostAt} />. If it is heard again, it is not lost any more.
          </Line>
        ) : null}
        {moving && drain.status.problem !== null ? (
          <Line tone={drain.status.late ? 'bad' : 'warn'} word="Waits" reason={visible(drain.status.problem)}>
            It goes on by itself as soon as other hosts have room and the grants are whole: let a host harvest more, raise what one may lend,
            or release a grant.
            <Blockers loans={loans} />
          </Line>
        ) : null}
        {moving ? (
          <Line
            tone={drain.status.late ? 'bad' : 'busy'}
            word={drain.status.late ? 'Late' : 'Drains'}
            reason={
              <>
                <Bytes of={drain.status.leftBytes} /> left of {count(loans.length)} {loans.length === 1 ? 'grant' : 'grants'}
              </>
            }
          >
            <Progress label="Progress of the drain" done={backOf(drain)} whole={drain.spec.bytes} verb="are back" />
            <span>
              Began <Ago of={drain.createdAt} />
              {drain.status.plan === null ? '' : `; ${visible(drain.status.plan)}`}
            </span>
          </Line>
        ) : null}
        {!moving && loans.length > 0 && !lost ? (
          <Line tone="busy" word="Drains" reason={`${count(loans.length)} grants have regions of it.`}>
            The broker looks every second at what can be moved.
          </Line>
        ) : null}
        {drain?.status.state === 'DONE' ? (
          <Line tone="good" word="Drained" reason="It lends nothing.">
            Done <Ago of={drain.status.doneAt} />.
          </Line>
        ) : null}
        {borrowed.length > 0 ? (
          <Line tone="quiet" word="Borrows" reason={`Its own VMs have ${count(borrowed.length)} ${borrowed.length === 1 ? 'grant' : 'grants'}.`}>
            They go on, and the host cannot be removed before they are released:{' '}
            {borrowed.slice(0, MOST).map(({ id }, i) => (
              <span key={id}>
                {i === 0 ? '' : ', '}
                <GrantLink id={id} />
              </span>
            ))}
            {borrowed.length > MOST ? ` and ${count(borrowed.length - MOST)} more` : ''}
          </Line>
        ) : null}
        {free ? (
          <Line tone="good" word="Ready" reason="Nobody has anything of it.">
            It can be removed.
          </Line>
        ) : null}
      </ul>
    </Panel>
  );
}

/** Grants that have to be whole before anything of them can move. */
function Blockers({ loans }: { loans: Loan[] }): ReactNode {
  const troubled = loans.filter(({ grant }) => grant !== undefined && grant.status.problem !== undefined);
  return (
    <ul>
      {troubled.slice(0, MOST).map(({ grantId, grant }) => (
        <li key={grantId}>
          <GrantLink id={grantId} />: {visible(grant!.status.problem!.detail)}
        </li>
      ))}
    </ul>
  );
}

function Line(props: { tone: Tone; word: string; reason: ReactNode; children: ReactNode }): ReactNode {
  return (
    <li>
      <span>
        <Badge tone={props.tone}>{props.word}</Badge>
      </span>
      <div>
        <p className="strong">{props.reason}</p>
        <div>{props.children}</div>
      </div>
    </li>
  );
}
