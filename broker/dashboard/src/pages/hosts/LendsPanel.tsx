import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Host } from '../../api/client';
import { regionsQuery } from '../../api/queries';
import { Empty, Loaded, Panel } from '../../parts/Frame';
import { count, visible } from '../../parts/format';
import { Badge, Bytes, GrantLink, HostLink, Unknown, VmLink } from '../../parts/Values';
import { toneOfGrant } from '../grants/grantState';
import { useHostNames, useVmNames } from '../names';
import { useHoldings } from './holdings';
import { isLeaving } from './hostState';
import type { Loan } from './loans';

/** To whom a host lends, and how these grants are. */
export function LendsPanel({ host }: { host: Host }): ReactNode {
  const regions = useQuery(regionsQuery(host.id, isLeaving(host)));
  const { loans } = useHoldings(host);
  const note = regions.data?.complete === false ? `of its first ${count(regions.data.items.length)} regions` : undefined;
  return (
    <Panel title="Lends to" note={note} flush>
      <Loaded query={regions}>
        {() =>
          loans.length === 0 ? (
            <Empty title="It lends nothing.">Hosts in mode HARVEST lend as soon as a grant needs their regions.</Empty>
          ) : (
            <LoanTable loans={loans} />
          )
        }
      </Loaded>
    </Panel>
  );
}

function LoanTable({ loans }: { loans: Loan[] }): ReactNode {
  const hosts = useHostNames();
  const vms = useVmNames();
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Loans">
      <table className="data" aria-label="What this host lends">
        <thead>
          <tr>
            <th scope="col">VM</th>
            <th scope="col">On host</th>
            <th scope="col" className="for-id">
              Grant
            </th>
            <th scope="col" className="for-state">
              State
            </th>
            <th scope="col" className="end">
              Lent
            </th>
          </tr>
        </thead>
        <tbody>
          {loans.map(({ grant, grantId, regions, bytes }) => (
            <tr key={grantId}>
              <td>{grant === undefined ? <Unknown /> : <VmLink id={grant.spec.vmId} name={vms.get(grant.spec.vmId)} />}</td>
              <td>
                {grant === undefined ? <Unknown /> : <HostLink id={grant.status.borrowerId} name={hosts.get(grant.status.borrowerId)} />}
              </td>
              <td>
                <GrantLink id={grantId} />
              </td>
              <td>{grant === undefined ? <Unknown /> : <GrantBadge grant={grant} />}</td>
              <td className="end" title={`${count(regions)} regions`}>
                <Bytes of={bytes} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function GrantBadge({ grant: { status } }: { grant: NonNullable<Loan['grant']> }): ReactNode {
  const problem = status.problem === undefined ? {} : { title: visible(status.problem.detail) };
  return (
    <Badge tone={toneOfGrant(status.state)} {...problem}>
      {status.state}
    </Badge>
  );
}
