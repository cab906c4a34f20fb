import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Grant } from '../../api/client';
import { FLOW_GRANTS, flowGrantsQuery, holdsMemory } from '../../api/queries';
import { Empty, Loaded, Panel } from '../../parts/Frame';
import { count, exactBytes, gib, shortId, visible } from '../../parts/format';
import { flowsOf, layOut } from './flows';
import type { Flow } from './flows';

const WIDTH = 760;
const LABEL = 190;
const BAR = 8;
const MOST = 24;

/** Where bytes flow: lenders on the left, borrowers on the right. */
export function FlowsPanel({ grants, names }: { grants: Grant[]; names: ReadonlyMap<string, string> }): ReactNode {
  const holding = grants.filter(holdsMemory).length;
  const detailed = useQuery({ ...flowGrantsQuery(grants), enabled: holding > 0 });
  const note =
    holding > FLOW_GRANTS ? `the ${FLOW_GRANTS} largest of ${count(holding)} grants` : 'lender → borrower, every copy counted';
  return (
    <Panel title="Where memory flows" note={note}>
      {holding === 0 ? (
        <Empty title="Nothing is lent to anybody.">
          A VM that needs more memory gets it with “Give memory” on the page of the grants.
        </Empty>
      ) : (
        <Loaded query={detailed}>{(all) => <FlowPicture flows={flowsOf(all)} names={names} />}</Loaded>
      )}
    </Panel>
  );
}

function FlowPicture({ flows, names }: { flows: Flow[]; names: ReadonlyMap<string, string> }): ReactNode {
  const shown = flows.slice(0, MOST);
  const picture = useMemo(() => layOut(shown, 130), [shown]);
  const name = (id: string) => visible(names.get(id) ?? shortId(id));
  const short = (id: string) => (name(id).length > 24 ? `${name(id).slice(0, 23)}…` : name(id));
  const label = shown.map((flow) => `${name(flow.lender)} lends ${gib(flow.bytes)} to ${name(flow.borrower)}`).join('; ');
  const middle = WIDTH / 2;
  return (
    <>
      <svg className="flows" viewBox={`0 -2 ${WIDTH} ${picture.height + 4}`} role="img" aria-label={label}>
        {picture.bands.map((band) => (
          <path
            key={`${band.lender}${band.borrower}`}
            d={`M${LABEL + BAR} ${band.fromY} C${middle} ${band.fromY} ${middle} ${band.toY} ${WIDTH - LABEL - BAR} ${band.toY}`}
            fill="none"
            stroke="var(--lent)"
            strokeOpacity={0.38}
            strokeWidth={band.thickness}
          >
            <title>{`${name(band.lender)} → ${name(band.borrower)}: ${gib(band.bytes)}, ${exactBytes(band.bytes)}`}</title>
          </path>
        ))}
        {picture.lenders.map((node) => (
          <g key={node.id}>
            <rect x={LABEL} y={node.y} width={BAR} height={node.height} rx={2} fill="var(--harvested)" />
            <text x={LABEL - 10} y={node.y + node.height / 2 + 4} textAnchor="end">
              <tspan>{short(node.id)}</tspan>
              <tspan className="small" dx={7}>
                {gib(node.bytes)}
              </tspan>
            </text>
          </g>
        ))}
        {picture.borrowers.map((node) => (
          <g key={node.id}>
            <rect x={WIDTH - LABEL - BAR} y={node.y} width={BAR} height={node.height} rx={2} fill="var(--granted)" />
            <text x={WIDTH - LABEL + 10} y={node.y + node.height / 2 + 4}>
              <tspan>{short(node.id)}</tspan>
              <tspan className="small" dx={7}>
                {gib(node.bytes)}
              </tspan>
            </text>
          </g>
        ))}
      </svg>
      {flows.length > MOST ? <p className="faint">The {MOST} largest of {count(flows.length)} flows.</p> : null}
    </>
  );
}
