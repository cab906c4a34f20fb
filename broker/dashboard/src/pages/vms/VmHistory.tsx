import { queryOptions, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get } from '../../api/client';
import type { Decision } from '../../api/client';
import { spread } from '../../live/history';
import type { History } from '../../live/history';
import { Empty, Loaded } from '../../parts/Frame';
import { Series } from '../../parts/Series';

interface VmPoint {
  at: string;
  balloonBytes: number;
  residentBytes: number;
  usedBytes?: number | null;
  pressurePercent?: number | null;
  refaultsPerSecond?: number | null;
}

const vmHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ['vm', id, 'history'],
    queryFn: ({ signal }) => get<History<VmPoint>>(`/api/v1/vms/${id}/history`, signal),
    refetchInterval: 10_000,
  });

/** The target that was in force at a time: that of the last decision before it; `decisions` has the newest first. */
export function targetAt(decisions: readonly Decision[], seconds: number): number | null {
  return decisions.find((decision) => Date.parse(decision.at) / 1_000 <= seconds)?.targetBytes ?? null;
}

/** What a VM had and needed in the last hour, and how it felt. */
export function VmHistory({ id, decisions }: { id: string; decisions: readonly Decision[] }): ReactNode {
  const history = useQuery(vmHistoryQuery(id));
  return <Loaded query={history}>{(found) => <Drawn found={found} decisions={decisions} />}</Loaded>;
}

function Drawn({ found, decisions }: { found: History<VmPoint>; decisions: readonly Decision[] }): ReactNode {
  if (found.points.length === 0) {
    return <Empty title="Nothing is recorded of the last hour.">The broker records a point every ten seconds while it runs.</Empty>;
  }
  const { times, at } = spread(found);
  const of = (pick: (point: VmPoint) => number | null | undefined) => at.map((point) => (point === null ? null : (pick(point) ?? null)));
  return (
    <>
      <Series
        label="Memory of the VM in the last hour"
        times={times}
        lines={[
          { label: 'Has', colour: 'harvested', values: of((point) => point.balloonBytes) },
          { label: 'Target', colour: 'risk', values: times.map((time) => targetAt(decisions, time)) },
          { label: 'Demand', colour: 'lent', values: of((point) => point.usedBytes) },
          { label: 'Resident', colour: 'used', values: of((point) => point.residentBytes) },
        ]}
        height={150}
        span="1h"
      />
      <Series
        label="Pressure in the last hour"
        times={times}
        lines={[{ label: 'Pressure', colour: 'risk', values: of((point) => point.pressurePercent) }]}
        height={80}
        span="1h"
        unit="percent"
      />
      <Series
        label="Refaults in the last hour"
        times={times}
        lines={[{ label: 'Refaults', colour: 'granted', values: of((point) => point.refaultsPerSecond) }]}
        height={80}
        span="1h"
        unit="rate"
      />
    </>
  );
}
