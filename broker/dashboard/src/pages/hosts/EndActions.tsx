import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call } from '../../api/client';
import type { Answer, Host } from '../../api/client';
import { hostQuery } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { count, gib, typable, visible } from '../../parts/format';
import { isLeaving } from './hostState';
import { useHoldings } from './holdings';

/** For a host that will not come back: declares it lost, or takes it out of the fabric. */
export function EndActions({ answer }: { answer: Answer<Host> }): ReactNode {
  const [asked, setAsked] = useState<'lost' | 'remove' | null>(null);
  const host = answer.body;
  const close = () => setAsked(null);
  return (
    <>
      {host.status.reachable ? null : (
        <button type="button" className="danger" onClick={() => setAsked('lost')}>
          {host.status.lostAt === null ? 'Declare lost' : 'It is off'}
        </button>
      )}
      {isLeaving(host) ? (
        <button type="button" className="danger" onClick={() => setAsked('remove')}>
          Remove
        </button>
      ) : null}
      {asked === 'lost' ? <DeclareLost host={host} onClose={close} /> : null}
      {asked === 'remove' ? <Remove host={host} onClose={close} /> : null}
    </>
  );
}

interface Props {
  host: Host;
  onClose: () => void;
}

function DeclareLost({ host, onClose }: Props): ReactNode {
  const client = useQueryClient();
  const known = host.status.lostAt !== null;
  const [off, setOff] = useState(known);
  const { loans, borrowed } = useHoldings(host);
  const name = visible(host.status.name);
  const single = loans.filter(({ grant }) => (grant?.spec.copies ?? 1) === 1).length;
  const act = async () => {
    const changed = await call<Host>(`/api/v1/hosts/${host.id}:declareLost`, { method: 'POST', body: { spec: { poweredOff: off } } });
    client.setQueryData(hostQuery(host.id).queryKey, changed);
    for (const key of ['hosts', 'grants']) void client.invalidateQueries({ queryKey: [key] });
  };
  return (
    <Confirm
      title={known ? `Say that host ${name} is off` : `Declare host ${name} lost`}
      effect={
        <>
          {known ? null : (
            <p>
              What it lent counts for nothing: {count(loans.length)} grants have {gib(host.status.lentBytes)} there. Those with two copies
              get another elsewhere{single === 0 ? '.' : `; ${count(single)} with one copy have lost those pages, unless the host comes back.`}
            </p>
          )}
          <p>Nothing is taken from a VM that reaches it all the same. If it comes back, it says what it holds before it lends again.</p>
          <label className="pick">
            <input type="checkbox" checked={off} disabled={known} onChange={(e) => setOff(e.target.checked)} />
            The machine is off; I have seen to it.
          </label>
          {off ? (
            <p>
              <strong>
                The {count(borrowed.length)} grants of its VMs end, and what they borrowed is fenced. If it is still on, its VMs lose pages
                that they use.
              </strong>
            </p>
          ) : null}
        </>
      }
      verb={known ? 'It is off' : off ? 'It is lost and off' : 'It is lost'}
      typed={typable(host.status.name, host.id)}
      danger
      act={act}
      onClose={onClose}
    />
  );
}

function Remove({ host, onClose }: Props): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const name = visible(host.status.name);
  const act = async () => {
    await call(`/api/v1/hosts/${host.id}`, { method: 'DELETE' });
    await navigate({ to: '/hosts' });
    client.removeQueries({ queryKey: ['host', host.id] });
    for (const key of ['hosts', 'vms', 'capacity']) void client.invalidateQueries({ queryKey: [key] });
  };
  return (
    <Confirm
      title={`Remove host ${name}`}
      effect={
        <>
          <p>
            The host and its VMs are not in the fabric any more, and its agent is not let in. VMs that run on it go on. To come back, it has to
            join with a new token.
          </p>
          <p>If anybody still has something of it, nothing happens, and you are told what.</p>
        </>
      }
      verb="Remove it"
      typed={typable(host.status.name, host.id)}
      danger
      act={act}
      onClose={onClose}
    />
  );
}
