import { expect, test } from 'vitest';
import { differences } from './PolicyPanel';

const OLD = { lendAcrossTenants: true, tenantRequestsPerSecond: 1000, newTenantMaxBytes: null, newTenantMaxGrants: null };

test('tells only what differs, in words', () => {
  expect(differences(OLD, OLD)).toEqual([]);
  expect(differences(OLD, { ...OLD, lendAcrossTenants: false, newTenantMaxBytes: 2 ** 36 })).toEqual([
    'Lend across tenants: yes → no',
    'Quota of a new tenant: no limit → 64 GiB',
  ]);
});
