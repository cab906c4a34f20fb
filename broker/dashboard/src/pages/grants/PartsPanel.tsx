import type { ReactNode } from 'react';
import type { Grant } from '../../api/client';
import { Panel } from '../../parts/Frame';
import { visible } from '../../parts/format';
import { Badge, Bytes, GrantLink } from '../../parts/Values';
import { toneOfGrant } from './grantState';

/** The devices that a grant got beside its first, each with a page of its own. */
export function PartsPanel({ parts }: { parts: NonNullable<Grant['status']['parts']> }): ReactNode {
  return (
    <Panel title="Further devices" note="the oldest first; it shrinks by the newest" flush>
      <table className="data" aria-label="Further devices">
        <thead>
          <tr>
            {['State', 'Device', 'Size', 'Serial in the guest', 'Problem'].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr key={part.id}>
              <td>
                <Badge tone={toneOfGrant(part.state)}>{part.state}</Badge>
              </td>
              <td>
                <GrantLink id={part.id} />
              </td>
              <td>
                <Bytes of={part.sizeBytes} />
              </td>
              <td>
                <code>{visible(part.serial)}</code>
              </td>
              <td>{part.problem === undefined ? '–' : <bdi>{visible(part.problem.detail)}</bdi>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
