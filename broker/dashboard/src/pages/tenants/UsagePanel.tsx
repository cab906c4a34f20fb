import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get } from '../../api/client';
import { Empty, Loaded, Panel } from '../../parts/Frame';
import { Series } from '../../parts/Series';

interface Hour {
  hour: string;
  borrowedByteSeconds: number;
  lentByteSeconds: number;
}

const HOUR_SECONDS = 3_600;

/** What a tenant borrowed and lent, hour by hour: byte-seconds over an hour are bytes on average. */
export function UsagePanel({ tenantId }: { tenantId: string }): ReactNode {
  const usage = useQuery({
    queryKey: ['tenant', tenantId, 'usage'],
    queryFn: ({ signal }) => get<{ hours: Hour[] }>(`/api/v1/tenants/${tenantId}/usage`, signal),
    refetchInterval: 60_000,
  });
  return (
    <Panel
      title="Usage"
      note="the last day, the average of each hour"
      tools={
        <a className="to" href={`/api/v1/tenants/${tenantId}/usage`} target="_blank" rel="noreferrer">
          As data
        </a>
      }
    >
      <Loaded query={usage}>
        {({ hours }) =>
          hours.length === 0 ? (
            <Empty title="It has used nothing yet." />
          ) : (
            <Series
              label="Usage of the tenant"
              times={hours.map((each) => new Date(each.hour).getTime() / 1_000)}
              lines={[
                { label: 'Borrowed', colour: 'granted', values: hours.map((each) => each.borrowedByteSeconds / HOUR_SECONDS) },
                { label: 'Lent', colour: 'lent', values: hours.map((each) => each.lentByteSeconds / HOUR_SECONDS) },
              ]}
              height={150}
              span="24h"
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
