import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { capacityHistoryQuery, SPANS, spread } from '../live/history';
import type { CapacityPoint, History, Span } from '../live/history';
import { Choice } from './Choice';
import { Empty, Loaded } from './Frame';
import { Series } from './Series';

const LINES: { label: string; colour: string; of: (point: CapacityPoint) => number }[] = [
  { label: 'Reclaimed', colour: 'harvested', of: (point) => point.harvestedBytes },
  { label: 'Offered', colour: 'used', of: (point) => point.offeredBytes },
  { label: 'Lent', colour: 'lent', of: (point) => point.lentBytes },
  { label: 'Free', colour: 'free', of: (point) => point.freeBytes },
  { label: 'Reserve', colour: 'reserve', of: (point) => point.reserveBytes },
  { label: 'At risk', colour: 'risk', of: (point) => point.atRiskBytes },
];

/** Which span a panel shows, and the buttons that choose it. */
export function useSpan(): [Span, ReactNode] {
  const [span, setSpan] = useState<Span>('live');
  return [span, <Choice key="span" label="Span" of={SPANS} chosen={span} onChoose={setSpan} />];
}

/** What the broker wrote down of the fabric's memory, or of a host's. */
export function CapacityHistory(props: { label: string; span: Span; hostId?: string; height: number }): ReactNode {
  const history = useQuery(capacityHistoryQuery(props.span, props.hostId));
  return <Loaded query={history}>{(found) => <Drawn {...props} found={found} />}</Loaded>;
}

function Drawn({ label, height, span, found }: { label: string; height: number; span: Span; found: History<CapacityPoint> }): ReactNode {
  if (found.points.length === 0) {
    return <Empty title="Nothing is written down of this time.">The broker writes a point every minute.</Empty>;
  }
  const { times, at } = spread(found);
  return (
    <Series
      label={`${label}, ${span}`}
      times={times}
      lines={LINES.map((line) => ({ label: line.label, colour: line.colour, values: at.map((point) => (point === null ? null : line.of(point))) }))}
      height={height}
      span={span}
    />
  );
}
