import type { ReactNode } from 'react';
import type { Host } from '../../api/client';
import { Empty, Panel } from '../../parts/Frame';
import { micros } from '../../parts/format';
import { Ago, Badge, HostLink } from '../../parts/Values';

type RoundTrip = Host['status']['roundTrips'][number];

/** The nearest lender first; the ways to one lender side by side. */
function byDistance(trips: RoundTrip[]): RoundTrip[] {
  return [...trips].sort((a, b) => a.medianNanos - b.medianNanos || (a.lenderId < b.lenderId ? -1 : 1));
}

/** How far lenders are from a host, as it measured that itself. */
export function RoundTripsPanel({ host, names }: { host: Host; names: ReadonlyMap<string, string> }): ReactNode {
  const trips = byDistance(host.status.roundTrips);
  return (
    <Panel title="Measured round trips" note="reads of 4 KiB from lenders, one at a time; the nearest first" flush>
      {trips.length === 0 ? (
        <Empty title="Nothing was measured in the last five minutes.">
          Its agent measures the ways to lenders every minute, as soon as there are any.
        </Empty>
      ) : (
        <div className="table-scroll" tabIndex={0} role="region" aria-label="Round trips">
          <table className="data" aria-label="Round trips to lenders">
            <thead>
              <tr>
                <th scope="col">Lender</th>
                <th scope="col">Over</th>
                {['Shortest', 'Median', 'p99', 'Measured'].map((head) => (
                  <th key={head} scope="col" className="end">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {trips.map((trip) => (
                <tr key={`${trip.lenderId}/${trip.transport}`}>
                  <td>
                    <HostLink id={trip.lenderId} name={names.get(trip.lenderId)} />
                  </td>
                  <td>
                    <Badge tone={trip.transport === 'RDMA' ? 'good' : 'quiet'}>{trip.transport}</Badge>
                  </td>
                  {[trip.minNanos, trip.medianNanos, trip.p99Nanos].map((nanos, at) => (
                    <td key={at} className="end number" title={`${nanos.toLocaleString('en-GB')} ns`}>
                      {micros(nanos)}
                    </td>
                  ))}
                  <td className="end">
                    <Ago of={trip.measuredAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
