import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { hostsQuery, vmsQuery } from '../api/queries';
import { useMay } from '../session/session';

/** Names of hosts by id, as far as the caller may see hosts. */
export function useHostNames(): ReadonlyMap<string, string> {
  const hosts = useQuery({ ...hostsQuery, enabled: useMay('see-fabric') });
  return useMemo(() => new Map(hosts.data?.items.map((host) => [host.id, host.status.name])), [hosts.data]);
}

export function useVmNames(): ReadonlyMap<string, string> {
  const vms = useQuery(vmsQuery());
  return useMemo(() => new Map(vms.data?.items.map((vm) => [vm.id, vm.status.name])), [vms.data]);
}
