import type { Grant } from '../../api/client';

/** Bytes that one host lends to another. */
export interface Flow {
  lender: string;
  borrower: string;
  bytes: number;
}

const REGION = 64 * 2 ** 20;

/** Where the bytes of these grants are: each live leg is a region of its lender. The largest first. */
export function flowsOf(grants: Grant[]): Flow[] {
  const flows = new Map<string, Flow>();
  for (const grant of grants) {
    for (const extent of grant.status.extents ?? []) {
      for (const leg of extent.legs) {
        if (leg.state !== 'LIVE') continue;
        const key = `${leg.hostId}>${grant.status.borrowerId}`;
        const flow = flows.get(key) ?? { lender: leg.hostId, borrower: grant.status.borrowerId, bytes: 0 };
        flow.bytes += REGION;
        flows.set(key, flow);
      }
    }
  }
  return [...flows.values()].sort((a, b) => b.bytes - a.bytes);
}

export interface Band extends Flow {
  fromY: number;
  toY: number;
  thickness: number;
}

export interface Node {
  id: string;
  bytes: number;
  y: number;
  height: number;
}

export interface Picture {
  lenders: Node[];
  borrowers: Node[];
  bands: Band[];
  height: number;
}

const GAP = 10;
const LEAST = 16;

/** Lays flows out from left to right; thickness is in proportion to bytes. */
export function layOut(flows: Flow[], usable: number): Picture {
  const total = flows.reduce((sum, flow) => sum + flow.bytes, 0);
  const scale = total === 0 ? 0 : usable / total;
  const side = (end: 'lender' | 'borrower'): Node[] => {
    const sums = new Map<string, number>();
    for (const flow of flows) sums.set(flow[end], (sums.get(flow[end]) ?? 0) + flow.bytes);
    let y = 0;
    return [...sums.entries()]
      .sort((a, b) => b[1] - a[1])
      .map(([id, bytes]) => {
        const node = { id, bytes, y, height: Math.max(LEAST, bytes * scale) };
        y += node.height + GAP;
        return node;
      });
  };
  const lenders = side('lender');
  const borrowers = side('borrower');
  const used = new Map<string, number>();
  const take = (node: Node, end: string, bytes: number): number => {
    const key = `${end}${node.id}`;
    const before = used.get(key) ?? 0;
    used.set(key, before + bytes);
    return node.y + (node.height * (before + bytes / 2)) / node.bytes;
  };
  const at = (nodes: Node[], id: string): Node => nodes.find((node) => node.id === id)!;
  const bands = flows.map((flow) => ({
    ...flow,
    fromY: take(at(lenders, flow.lender), 'l', flow.bytes),
    toY: take(at(borrowers, flow.borrower), 'b', flow.bytes),
    thickness: Math.max(1.5, flow.bytes * scale),
  }));
  const end = (nodes: Node[]) => nodes.reduce((most, node) => Math.max(most, node.y + node.height), 0);
  return { lenders, borrowers, bands, height: Math.max(end(lenders), end(borrowers), LEAST) };
}
