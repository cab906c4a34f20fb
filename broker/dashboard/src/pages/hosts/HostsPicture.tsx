import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Host } from '../../api/client';
import { Choice } from '../../parts/Choice';
import { Panel } from '../../parts/Frame';
import { count, gib, percent, visible } from '../../parts/format';
import { HeatMap } from '../../parts/HeatMap';
import type { Cell } from '../../parts/HeatMap';
import { byName } from '../../parts/natural';
import { TreeMap } from '../../parts/TreeMap';
import type { Area } from '../../parts/TreeMap';
import { lentShare } from './hostState';

const PICTURES = [
  ['cells', 'Cells'],
  ['areas', 'Areas'],
] as const;

type Picture = (typeof PICTURES)[number][0];

const NOTES: Record<Picture, string> = {
  cells: 'a cell is a host, by name; the stronger its colour, the more of its memory it lends; grey is silent',
  areas: 'an area is a host in its rack, as large as its memory; the stronger its colour, the more of it is lent; grey is silent',
};

/** How much of its memory each host lends, as a picture; the table below has the figures. */
export function HostsPicture({ hosts }: { hosts: Host[] }): ReactNode {
  const navigate = useNavigate();
  const [picture, setPicture] = useState<Picture>('cells');
  const pick = (id: string) => void navigate({ to: '/hosts/$id', params: { id } });
  // The table comes first: a picture of 10,000 hosts takes longer than the rows in sight.
  const later = useDeferredValue(hosts);
  const sorted = useMemo(() => [...later].sort((a, b) => byName(a.status.name, b.status.name)), [later]);
  return (
    <Panel
      title="How much each host lends"
      note={NOTES[picture]}
      tools={<Choice label="Picture" of={PICTURES} chosen={picture} onChoose={setPicture} />}
    >
      {picture === 'cells' ? <Cells hosts={sorted} onPick={pick} /> : <Areas hosts={sorted} onPick={pick} />}
    </Panel>
  );
}

interface Props {
  hosts: Host[];
  onPick: (id: string) => void;
}

function saidOf(host: Host): string {
  const share = lentShare(host);
  const how = share === null ? 'silent' : `lends ${gib(host.status.lentBytes)}, ${percent(share, 1)} of its memory`;
  return `${visible(host.status.name)}: ${how}`;
}

/** The least share that is drawn darkest, so that next to nothing does not look like very much. */
const LEAST = 0.05;

/** How dark each of these hosts is drawn, beside the one that lends most of its memory; null where it is silent. */
function heatAmong(hosts: Host[]): (host: Host) => number | null {
  const most = hosts.reduce((found, host) => Math.max(found, lentShare(host) ?? 0), LEAST);
  return (host) => {
    const share = lentShare(host);
    return share === null ? null : share / most;
  };
}

function cellsOf(hosts: Host[]): Cell[] {
  const heatOf = heatAmong(hosts);
  return hosts.map((host) => ({ id: host.id, heat: heatOf(host), said: () => saidOf(host) }));
}

function Cells({ hosts, onPick }: Props): ReactNode {
  const cells = useMemo(() => cellsOf(hosts), [hosts]);
  return <HeatMap label={`Heat map of ${count(hosts.length)} hosts; the table below has the same figures`} cells={cells} onPick={onPick} />;
}

function Areas({ hosts, onPick }: Props): ReactNode {
  const areas = useMemo(() => areasOf(hosts), [hosts]);
  return <TreeMap label={`Treemap of ${count(hosts.length)} hosts; the table below has the same figures`} areas={areas} onPick={onPick} />;
}

/** Racks with their hosts; hosts of which no rack is known are together. */
export function areasOf(hosts: Host[]): Area[] {
  const racks = new Map<string, Area>();
  const heatOf = heatAmong(hosts);
  for (const host of hosts) {
    const bytes = host.status.memory?.totalBytes ?? 0;
    if (bytes === 0) continue;
    const name = host.spec.failureDomain.rack ?? '';
    const rack = racks.get(name) ?? { id: null, name: name === '' ? 'no rack' : name, bytes: 0, heat: null, said: () => '', children: [] };
    rack.bytes += bytes;
    rack.children!.push({ id: host.id, name: visible(host.status.name), bytes, heat: heatOf(host), said: () => saidOf(host) });
    racks.set(name, rack);
  }
  for (const rack of racks.values()) rack.said = () => `${rack.name}: ${count(rack.children!.length)} hosts with ${gib(rack.bytes)}`;
  return [...racks.values()].sort((a, b) => b.bytes - a.bytes);
}
