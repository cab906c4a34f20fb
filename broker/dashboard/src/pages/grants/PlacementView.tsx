import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client';
import { count, gib, visible } from '../../parts/format';
import { Badge, HostLink } from '../../parts/Values';

const REGION = 64 * 2 ** 20;

/** Where a grant goes or would go, and why there; or why nowhere, and what would change that. */
export function PlacementView({ placement, hosts }: { placement: Schemas['Placement']; hosts: ReadonlyMap<string, string> }): ReactNode {
  return (
    <div className="stack" role="status">
      <p>
        <Badge tone={placement.placed ? 'good' : 'bad'}>{placement.placed ? 'There is room' : 'No place'}</Badge>{' '}
        {visible(placement.because)}
      </p>
      {placement.lenders.length === 0 ? null : (
        <ul className="legend">
          {placement.lenders.map((lender) => (
            <li key={lender.hostId}>
              <HostLink id={lender.hostId} name={hosts.get(lender.hostId)} />
              <span className="number strong">{gib(lender.legs * REGION)}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="faint">
        {count(placement.seen.usable)} of {count(placement.seen.hosts)} hosts could lend; {gib(placement.seen.freeRegions * REGION)} were
        free.
      </p>
      {placement.seen.wouldChange.map((line) => (
        <p key={line} className="faint">
          {visible(line)}
        </p>
      ))}
    </div>
  );
}
