import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call } from '../../api/client';
import type { Grant, Operation } from '../../api/client';
import { Confirm } from '../../parts/Dialog';
import { gib, shortId, visible } from '../../parts/format';
import { Name } from '../../parts/Values';
import { lendersOf, REGION } from './lenders';

interface Props {
  grant: Grant;
  vmName: string | undefined;
  hosts: ReadonlyMap<string, string>;
}

/** Releases a grant, after it said who loses and who gets back what. */
export function ReleaseButton({ grant, vmName, hosts }: Props): ReactNode {
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const name = vmName === undefined ? shortId(grant.spec.vmId) : visible(vmName);
  const act = async () => {
    await call<{ operation: Operation }>(`/api/v1/grants/${grant.id}`, { method: 'DELETE' });
    await client.invalidateQueries({ queryKey: ['grant', grant.id] });
    void client.invalidateQueries({ queryKey: ['grants'] });
  };
  return (
    <>
      <button type="button" className="danger" disabled={grant.status.state === 'DRAINING'} onClick={() => setAsked(true)}>
        {grant.status.state === 'DRAINING' ? 'Releasing…' : 'Release'}
      </button>
      {asked ? (
        <Confirm
          title={`Release grant ${shortId(grant.id)}`}
          effect={
            <>
              <p>
                VM {name} loses {gib(grant.status.sizeBytes)}. Where it swaps there, its guest first takes the pages back into its
                own memory; if it cannot, the release fails and nothing changes.
              </p>
              <ul className="legend" aria-label="Who gets memory back">
                {lendersOf(grant)
                  .filter(({ live }) => live > 0)
                  .map(({ id, live }) => (
                    <li key={id}>
                      <Name of={hosts.get(id) ?? shortId(id)} />
                      <span>gets {gib(live * REGION)} back</span>
                    </li>
                  ))}
              </ul>
              {grant.spec.attachMode === 'DEVICE' ? (
                <p>
                  <strong>It is a raw disk: what is on it is gone afterwards.</strong>
                </p>
              ) : null}
            </>
          }
          verb="Release"
          typed={grant.status.serial}
          danger
          act={act}
          onClose={() => setAsked(false)}
        />
      ) : null}
    </>
  );
}
