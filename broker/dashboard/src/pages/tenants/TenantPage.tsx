import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call } from '../../api/client';
import type { Answer, Tenant } from '../../api/client';
import { tenantQuery } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { Loaded, PageHead, Panel } from '../../parts/Frame';
import { count, visible } from '../../parts/format';
import { Stack } from '../../parts/Stack';
import { Bytes, Facts, Id, Name, Time } from '../../parts/Values';
import { useMay } from '../../session/session';
import { TenantDialog } from './TenantDialog';
import { lendsWord } from './TenantsPage';
import { UsagePanel } from './UsagePanel';

export function TenantPage(): ReactNode {
  const { id } = useParams({ from: '/tenants/$id' });
  const tenant = useQuery(tenantQuery(id));
  return <Loaded query={tenant}>{(answer) => <TenantView answer={answer} />}</Loaded>;
}

function TenantView({ answer }: { answer: Answer<Tenant> }): ReactNode {
  const { spec, status, ...tenant } = answer.body;
  const [changing, setChanging] = useState(false);
  const operates = useMay('operate-fabric');
  return (
    <div>
      <PageHead title={`Tenant ${spec.name}`} label={<Name of={spec.name} />} note={<Id of={tenant.id} />}>
        {operates ? (
          <>
            <button type="button" onClick={() => setChanging(true)}>
              Change
            </button>
            <EndButton tenant={answer.body} />
          </>
        ) : null}
      </PageHead>
      {changing ? <TenantDialog answer={answer} onClose={() => setChanging(false)} /> : null}
      <div className="columns wide-left">
        <Panel title="Quota" note="what its grants hold, every copy counted">
          {spec.maxBytes === null ? (
            <p>
              It borrows <Bytes of={status.borrowedBytes} />, and has no limit.
            </p>
          ) : (
            <Stack
              label="Quota"
              slices={[
                { label: 'Borrowed', bytes: status.borrowedBytes, tone: 'granted' },
                { label: 'Left', bytes: Math.max(0, spec.maxBytes - status.borrowedBytes), tone: 'idle' },
              ]}
            />
          )}
        </Panel>
        <Panel title="Facts">
          <Facts
            of={[
              ['Grants', spec.maxGrants === null ? `${count(status.grants)}, without a limit` : `${count(status.grants)} of ${count(spec.maxGrants)}`],
              ['VMs assigned', count(status.assignedVms)],
              ['Lends', lendsWord(answer.body)],
              ['Classes', spec.latencyClasses.join(', ')],
              ['Made', <Time of={tenant.createdAt} />],
              ['Changed', <Time of={tenant.updatedAt} />],
            ]}
          />
        </Panel>
      </div>
      <UsagePanel tenantId={tenant.id} />
    </div>
  );
}

function EndButton({ tenant }: { tenant: Tenant }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  const name = visible(tenant.spec.name);
  const act = async () => {
    await call(`/api/v1/tenants/${tenant.id}`, { method: 'DELETE' });
    void client.invalidateQueries({ queryKey: ['tenants'] });
    await navigate({ to: '/tenants' });
  };
  return (
    <>
      <button type="button" className="danger" onClick={() => setAsked(true)}>
        End it
      </button>
      {asked ? (
        <Confirm
          title={`End tenant ${name}`}
          effect={<p>Its tokens end at once. A tenant with VMs or grants is not ended; the broker says what it still has.</p>}
          verb="End the tenant"
          typed={name}
          danger
          act={act}
          onClose={() => setAsked(false)}
        />
      ) : null}
    </>
  );
}
