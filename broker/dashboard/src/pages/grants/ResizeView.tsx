import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client';
import { count, gib, visible } from '../../parts/format';
import { Badge } from '../../parts/Values';
import { PlacementView } from './PlacementView';

/** How a grant would get to another size, or why it cannot. */
export function ResizeView({ plan, hosts }: { plan: Schemas['Resize']; hosts: ReadonlyMap<string, string> }): ReactNode {
  return (
    <div className="stack" role="status">
      <p>
        <Badge tone={plan.possible ? 'good' : 'bad'}>{plan.possible ? 'It can' : 'It cannot'}</Badge> {visible(plan.because)}
      </p>
      <p>
        {gib(plan.fromBytes)} → {gib(plan.toBytes)}
        {plan.addedBytes === 0 ? '' : `: a device of ${gib(plan.addedBytes)} comes`}
        {plan.leaving.length === 0 ? '' : `: ${plan.leaving.length === 1 ? 'a device goes' : `${count(plan.leaving.length)} devices go`}`}
      </p>
      {plan.reachable === undefined || plan.reachable.length === 0 ? null : (
        <p>It can shrink to {plan.reachable.map(gib).join(', ')}.</p>
      )}
      {plan.placement === undefined ? null : <PlacementView placement={plan.placement} hosts={hosts} />}
    </div>
  );
}
