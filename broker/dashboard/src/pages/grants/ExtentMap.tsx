import type { ReactNode } from 'react';
import type { Grant } from '../../api/client';
import { Empty } from '../../parts/Frame';
import { count, gib, shortId, visible } from '../../parts/format';
import { HostLink } from '../../parts/Values';
import { lendersOf, REGION } from './lenders';

type Leg = NonNullable<Grant['status']['extents']>[number]['legs'][number];

const MOST_CELLS = 2_048;

function toneOf(leg: Leg): string {
  if (leg.state === 'LOST') return 'tone-risk';
  if (leg.state === 'ENDED') return 'tone-idle';
  return leg.use === 'COMING' ? 'tone-free' : 'tone-lent';
}

function wordOf(leg: Leg): string {
  if (leg.state === 'LOST') return 'lost';
  if (leg.state === 'ENDED') return 'given back';
  return leg.use === 'COMING' ? 'being made' : 'held';
}

/** Every extent of a grant with its copies, and which hosts have them. */
export function ExtentMap({ grant, hosts }: { grant: Grant; hosts: ReadonlyMap<string, string> }): ReactNode {
  const extents = grant.status.extents ?? [];
  if (extents.length === 0) return <Empty title="It holds no regions.">Nothing is claimed for it, or everything was given back.</Empty>;
  const name = (id: string) => visible(hosts.get(id) ?? shortId(id));
  return (
    <div className="stack">
      <ul className="extents">
        {extents.slice(0, MOST_CELLS).map((extent) => {
          const said = extent.legs.map((leg) => `${wordOf(leg)} by ${name(leg.hostId)}`).join(', ');
          return (
            <li key={extent.index} title={`Extent ${extent.index}: ${said}`}>
              {extent.legs.map((leg) => (
                <span key={`${leg.bootId}/${leg.regionId}/${leg.generation}`} className={toneOf(leg)} />
              ))}
              <span className="sr">{`Extent ${extent.index}: ${said}`}</span>
            </li>
          );
        })}
      </ul>
      {extents.length > MOST_CELLS ? <p className="faint">The first {count(MOST_CELLS)} of {count(extents.length)} extents.</p> : null}
      <ul className="legend">
        <li>
          <span className="swatch tone-lent" /> held
        </li>
        <li>
          <span className="swatch tone-free" /> being made
        </li>
        <li>
          <span className="swatch tone-risk" /> lost
        </li>
        <li>
          <span className="swatch tone-idle" /> given back
        </li>
      </ul>
      <table className="data" aria-label="Lenders of this grant">
        <thead>
          <tr>
            <th scope="col">Lender</th>
            <th scope="col">Reached over</th>
            <th scope="col" className="end">
              Holds
            </th>
            <th scope="col" className="end">
              Lost
            </th>
          </tr>
        </thead>
        <tbody>
          {lendersOf(grant).map(({ id, live, lost, transport, notRdma }) => (
            <tr key={id}>
              <td>
                <HostLink id={id} name={hosts.get(id)} />
              </td>
              <td>
                {transport ?? '–'}
                {notRdma === undefined ? null : <div className="faint">{visible(notRdma)}</div>}
              </td>
              <td className="end number" title={`${count(live)} regions`}>
                {gib(live * REGION)}
              </td>
              <td className="end number" title={`${count(lost)} regions`}>
                {gib(lost * REGION)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
