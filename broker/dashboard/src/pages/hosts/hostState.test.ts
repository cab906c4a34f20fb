import { expect, test } from 'vitest';
import type { Host } from '../../api/client';
import { lentShare, memoryOf, stateOf } from './hostState';

function host(memory: Partial<NonNullable<Host['status']['memory']>> | null, more: object = {}): Host {
  const whole = { totalBytes: 100, availableBytes: 40, reserveBytes: 10, harvestedBytes: 30, offeredBytes: 25, lentBytes: 15 };
  return {
    spec: { mode: 'HARVEST' },
    status: { reachable: true, mode: 'HARVEST', lostAt: null, lentBytes: 15, memory: memory === null ? null : { ...whole, ...memory }, ...more },
  } as Host;
}

test('parts add up to the whole, whatever an agent says', () => {
  for (const odd of [{}, { availableBytes: 0 }, { lentBytes: 500 }, { reserveBytes: 1_000 }, { offeredBytes: 0 }]) {
    const parts = memoryOf(host(odd)).map((part) => part.bytes);
    expect(parts.reduce((a, b) => a + b, 0)).toBe(100);
    expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
  }
  expect(memoryOf(host(null))).toEqual([]);
});

test('a silent host has no heat and says that it is silent', () => {
  expect(lentShare(host({}))).toBe(0.15);
  expect(lentShare(host({}, { reachable: false }))).toBeNull();
  expect(stateOf(host({}, { reachable: false })).word).toBe('Silent');
  expect(stateOf(host({}, { reachable: false, lostAt: '2026-01-01T00:00:00Z' })).word).toBe('Lost');
  expect(stateOf(host({}, { mode: 'PAUSE' })).why).toContain('ordered: HARVEST');
});
