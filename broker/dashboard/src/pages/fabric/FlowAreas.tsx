import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { gib } from '../../parts/format';
import { TreeMap } from '../../parts/TreeMap';
import type { Area } from '../../parts/TreeMap';
import type { Flow } from './flows';

/** Lenders as large as what they lend, with their borrowers in them; darker is a larger part of its lender's loans. */
export function areasOfFlows(flows: Flow[], name: (id: string) => string): Area[] {
  const lenders = new Map<string, Area>();
  for (const flow of flows) {
    const lender = lenders.get(flow.lender) ?? { id: flow.lender, name: name(flow.lender), bytes: 0, heat: null, said: () => '', children: [] };
    lender.bytes += flow.bytes;
    lender.children!.push({
      id: flow.borrower,
      name: name(flow.borrower),
      bytes: flow.bytes,
      heat: 0,
      said: () => `${name(flow.lender)} → ${name(flow.borrower)}: ${gib(flow.bytes)}`,
    });
    lenders.set(flow.lender, lender);
  }
  for (const lender of lenders.values()) {
    lender.said = () => `${lender.name} lends ${gib(lender.bytes)}`;
    for (const borrower of lender.children!) borrower.heat = borrower.bytes / lender.bytes;
  }
  return [...lenders.values()].sort((a, b) => b.bytes - a.bytes);
}

export function FlowAreas({ flows, name, said }: { flows: Flow[]; name: (id: string) => string; said: string }): ReactNode {
  const navigate = useNavigate();
  const areas = useMemo(() => areasOfFlows(flows, name), [flows, name]);
  return <TreeMap label={said} areas={areas} onPick={(id) => void navigate({ to: '/hosts/$id', params: { id } })} />;
}
