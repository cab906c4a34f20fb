import type { Host } from '../../api/client';
import type { Slice } from '../../parts/Stack';
import type { Tone } from '../../parts/Values';

/** How a host is, as one word. */
export function stateOf(host: Host): { word: string; tone: Tone; why: string } {
  if (host.status.lostAt !== null) return { word: 'Lost', tone: 'bad', why: 'It counts as lost: what it lent counts for nothing' };
  if (!host.status.reachable) return { word: 'Silent', tone: 'warn', why: 'Not heard in the last 5 s' };
  if (host.spec.scheduling === 'DRAINED') return { word: 'Drained', tone: 'warn', why: 'What it lends moves elsewhere' };
  if (host.spec.scheduling === 'CORDONED') return { word: 'Cordoned', tone: 'quiet', why: 'Nothing new is placed on it' };
  if (host.status.mode !== null && host.status.mode !== host.spec.mode) {
    return { word: host.status.mode, tone: 'busy', why: `In force: ${host.status.mode}; ordered: ${host.spec.mode}` };
  }
  const tones = { HARVEST: 'good', OBSERVE: 'quiet', PAUSE: 'warn' } as const;
  return { word: host.spec.mode, tone: tones[host.spec.mode], why: `Mode ${host.spec.mode} is in force` };
}

/** Whether it is drained or lost: on its way out, or out of service. */
export function isLeaving(host: Host): boolean {
  return host.spec.scheduling === 'DRAINED' || host.status.lostAt !== null;
}

/**
 * A host's memory as parts that add up to the whole: its reserve and its regions first, then what is
 * available beyond them, and the rest as used. The agent measures the parts one after the other, so
 * each is cut to what is left.
 */
export function memoryOf(host: Host): Slice[] {
  const memory = host.status.memory;
  if (memory === null) return [];
  let left = memory.totalBytes;
  const cut = (bytes: number) => {
    const taken = Math.max(0, Math.min(bytes, left));
    left -= taken;
    return taken;
  };
  const lent = cut(memory.lentBytes);
  const free = cut(memory.offeredBytes - memory.lentBytes);
  const reserve = cut(Math.min(memory.reserveBytes, memory.availableBytes));
  const idle = cut(memory.availableBytes - reserve);
  return [
    { label: 'Used', bytes: left, tone: 'used' },
    { label: 'Lent', bytes: lent, tone: 'lent' },
    { label: 'Free regions', bytes: free, tone: 'free' },
    { label: 'Reserve', bytes: reserve, tone: 'reserve' },
    { label: 'Available', bytes: idle, tone: 'idle' },
  ];
}

/** The share of a host's memory that it lends; null where it was never heard. */
export function lentShare(host: Host): number | null {
  const total = host.status.memory?.totalBytes ?? 0;
  return !host.status.reachable || total === 0 ? null : Math.min(1, host.status.lentBytes / total);
}
