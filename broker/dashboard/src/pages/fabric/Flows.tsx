import { useQuery } from '@tanstack/react-query';
import { memo, useCallback, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Grant } from '../../api/client';
import { FLOW_GRANTS, flowGrantsQuery, holdsMemory } from '../../api/queries';
import { Choice } from '../../parts/Choice';
import { Empty, Loaded, Panel } from '../../parts/Frame';
import { count, exactBytes, gib, shortId, visible } from '../../parts/format';
import { FlowAreas } from './FlowAreas';
import { flowsOf, layOut } from './flows';
import type { Flow } from './flows';

const WIDTH = 760;
const LABEL = 190;
const BAR = 8;
const MOST = 24;

const PICTURES = [
  ['bands', 'Flows'],
  ['areas', 'Areas'],
] as const;

/** Where bytes flow: lenders on the left, borrowers on the right; or lenders as areas, borrowers in them. */
export const FlowsPanel = memo(function FlowsPanel({ grants, names }: { grants: Grant[]; names: ReadonlyMap<string, string> }): ReactNode {
  const holding = grants.filter(holdsMemory).length;
  const detailed = useQuery({ ...flowGrantsQuery(grants), enabled: holding > 0 });
  const [picture, setPicture] = useState<(typeof PICTURES)[number][0]>('bands');
  const note =
    holding > FLOW_GRANTS ? `the ${FLOW_GRANTS} largest of ${count(holding)} grants` : 'lender → borrower, every copy counted';
  return (
    <Panel
      title="Where memory flows"
      note={note}
      tools={holding === 0 ? undefined : <Choice label="Picture" of={PICTURES} chosen={picture} onChoose={setPicture} />}
    >
      {holding === 0 ? (
        <Empty title="Nothing is lent to anybody.">
          A VM that needs more memory gets it with “Give memory” on the page of the grants.
        </Empty>
      ) : (
        <Loaded query={detailed}>{(all) => <FlowPicture flows={flowsOf(all)} names={names} areas={picture === 'areas'} />}</Loaded>
      )}
    </Panel>
  );
});

function FlowPicture({ flows, names, areas }: { flows: Flow[]; names: ReadonlyMap<string, string>; areas: boolean }): ReactNode {
  const shown = flows.slice(0, MOST);
  const picture = useMemo(() => layOut(shown, 130), [shown]);
  const name = useCallback((id: string) => visible(names.get(id) ?? shortId(id)), [names]);
  const short = (id: string) => (name(id).length > 24 ? `${name(id).slice(0, 23)}…` : name(id));
  const label = shown.map((flow) => `${name(flow.lender)} lends ${gib(flow.bytes)} to ${name(flow.borrower)}`).join('; ');
  const middle = WIDTH / 2;
  if (areas) return <FlowAreas flows={flows} name={name} said={label} />;
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
