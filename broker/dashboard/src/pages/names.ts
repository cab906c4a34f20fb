import { useQuery } from '@tanstack/react-query';
import type { Host, Listing, Vm } from '../api/client';
import { hostsQuery, vmsQuery } from '../api/queries';
import { useMay } from '../session/session';

type Names = ReadonlyMap<string, string>;

const NONE: Names = new Map();

/** Names by id. It is the same map until a name changes: figures change all the time, and names are everywhere. */
export function namesKept<T extends { id: string; status: { name: string } }>(): (all: Listing<T>) => Names {
  let kept = NONE;
  return ({ items }) => {
    const same = items.length === kept.size && items.every((item) => kept.get(item.id) === item.status.name);
    if (!same) kept = new Map(items.map((item) => [item.id, item.status.name]));
    return kept;
  };
}

const hostNames = namesKept<Host>();
const vmNames = namesKept<Vm>();

/** Names of hosts by id, as far as the caller may see hosts. */
export function useHostNames(): Names {
  return useQuery({ ...hostsQuery, enabled: useMay('see-fabric'), select: hostNames }).data ?? NONE;
}

export function useVmNames(): Names {
  return useQuery({ ...vmsQuery(), select: vmNames }).data ?? NONE;
}
