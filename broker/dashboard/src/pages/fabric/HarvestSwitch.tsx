import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call } from '../../api/client';
import type { Answer, Fabric, Host } from '../../api/client';
import { fabricQuery } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { count } from '../../parts/format';

/** The kill switch: ends all harvesting within a second, or allows it again. */
export function HarvestSwitch({ fabric, hosts }: { fabric: Answer<Fabric>; hosts: Host[] }): ReactNode {
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const stopped = fabric.body.spec.harvesting === 'STOPPED';
  const harvesting = hosts.filter((host) => host.spec.mode === 'HARVEST').length;
  const act = async () => {
    // The revision of now: what was read before may be old, and this must not fail for that.
    const current = await call<Fabric>('/api/v1/fabric');
    const changed = await call<Fabric>('/api/v1/fabric', {
      method: 'PATCH',
      etag: current.etag ?? '',
      body: { spec: { harvesting: stopped ? 'ALLOWED' : 'STOPPED' } },
    });
    client.setQueryData(fabricQuery.queryKey, changed);
  };
  return (
    <>
      <button type="button" className={stopped ? 'primary' : 'danger'} onClick={() => setAsked(true)}>
        {stopped ? 'Allow harvesting' : 'Stop all harvesting'}
      </button>
      {asked ? (
        <Confirm
          title={stopped ? 'Allow harvesting in the whole fabric' : 'Stop harvesting in the whole fabric'}
          effect={
            stopped ? (
              <p>Hosts in mode HARVEST ({count(harvesting)} of {count(hosts.length)}) take idle memory from their VMs again.</p>
            ) : (
              <p>
                Within a second no host takes memory from its VMs any more ({count(harvesting)} of {count(hosts.length)} do
                now). Grants stay as they are, and VMs go on getting memory back.
              </p>
            )
          }
          verb={stopped ? 'Allow harvesting' : 'Stop harvesting'}
          {...(stopped ? {} : { typed: 'stop harvesting', danger: true })}
          act={act}
          onClose={() => setAsked(false)}
        />
      ) : null}
    </>
  );
}
