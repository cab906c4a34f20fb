import { expect, test } from 'vitest';
import type { Fabric, Grant, Host, Recall, Sums } from '../../api/client';
import { atRisk, findings } from './health';

const ALLOWED = { revision: 1, spec: { harvesting: 'ALLOWED' } } as Fabric;
const ROOM = { harvestedBytes: 9, offeredBytes: 9, lentBytes: 4, freeBytes: 5 } as Sums;

function host(reachable: boolean, mode: Host['spec']['mode'] = 'HARVEST', lostAt: string | null = null): Host {
  return { spec: { mode }, status: { name: 'h\u202e', reachable, lostAt } } as Host;
}

function grant(state: Grant['status']['state'], code?: string): Grant {
  const problem = code === undefined ? {} : { problem: { code, detail: '' } };
  return { status: { state, sizeBytes: 64, ...problem } } as Grant;
}

const reasons = (...args: Parameters<typeof findings>) => findings(...args).map((f) => f.reason);

test('says that nothing is wrong only where hosts are', () => {
  expect(reasons(ALLOWED, [host(true)], [grant('ACTIVE')], ROOM)).toEqual(['Nothing is wrong']);
  expect(reasons(ALLOWED, [], [], ROOM)).toEqual([]);
});

test('tells the worst first', () => {
  const all = [grant('DEGRADED', 'all_copies_lost'), grant('DEGRADED'), grant('QUARANTINED', 'page_lost')];
  expect(reasons(ALLOWED, [host(true), host(false)], all, ROOM)).toEqual([
    'A grant has lost every copy of a part',
    'A grant is in quarantine',
    '2 grants have pages with too few copies',
    'Host h[U+202E] is silent',
  ]);
  expect(atRisk(all)).toBe(128);
});

test('says nothing of what was wrong with a grant that has ended', () => {
  expect(reasons(ALLOWED, [host(true)], [grant('RELEASED', 'all_copies_lost')], ROOM)).toEqual(['Nothing is wrong']);
});

test('notes what is out of service beside the good word', () => {
  const drained = { ...host(true), spec: { mode: 'HARVEST', scheduling: 'DRAINED' } } as Host;
  expect(reasons(ALLOWED, [host(true), drained], [], ROOM)).toEqual(['Nothing is wrong', 'Host h[U+202E] is out of service']);
});

test('tells a lost host from a silent one', () => {
  expect(reasons(ALLOWED, [host(true), host(false, 'HARVEST', '2026-01-01T00:00:00Z')], [], ROOM)).toEqual(['Host h[U+202E] is lost']);
});

test('tells of a recall that is late, and of no other', () => {
  const recall = (late: boolean) => ({ spec: { hostId: 'x' }, status: { late, leftBytes: 2 ** 30, problem: '3 regions find no place' } }) as Recall;
  const [finding] = findings(ALLOWED, [host(true)], [], ROOM, [recall(false), recall(true)]);
  expect(finding).toMatchObject({ tone: 'bad', reason: 'A host waits for 1 GiB that it lends' });
  expect(finding!.effect).toContain('3 regions find no place');
  expect(reasons(ALLOWED, [host(true)], [], ROOM, [recall(false)])).toEqual(['Nothing is wrong']);
});

test('says why nothing can be lent', () => {
  expect(reasons({ ...ALLOWED, spec: { harvesting: 'STOPPED' } } as Fabric, [host(true)], [], ROOM)).toEqual(['Harvesting is stopped']);
  expect(reasons(ALLOWED, [host(true, 'OBSERVE')], [], ROOM)).toEqual(['No host is in mode HARVEST']);
  expect(reasons(ALLOWED, [host(true)], [], { ...ROOM, freeBytes: 0 })).toEqual(['No region is free']);
});
