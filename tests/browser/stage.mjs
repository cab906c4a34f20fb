// A small fabric in which something of everything happens.
import { randomUUID } from 'node:crypto';
import { GIB, SimulatedHost } from './fleet.mjs';

export const HOSTILE = {
  html: '<img src=x onerror="window.hacked=1"><b>bold</b>',
  script: '"><script>window.hacked=1</script>',
  marks: 'report\u202efdp.exe\u200f',
  long: 'long-'.repeat(40),
};

/** Three lenders, a borrower and a silent host; grants that live, and one that lost a copy. */
export async function stage(broker) {
  const { address, admin } = broker;
  const join = (name) => SimulatedHost.enroll(address, admin, name);
  const names = ['hv-01', 'hv-02', 'hv-03', 'hv-04', 'hv-05', 'hv-06'];
  const hosts = [];
  for (const name of names) hosts.push(await join(name));
  const [north, east, south, west, busy, silent] = hosts;
  const idle = ['web-front', 'ci-runner', 'reports', 'mail', 'wiki', 'staging'];
  for (const [index, host] of [north, east, south, west].entries()) {
    host.usedBytes = (26 + 5 * index) * GIB;
    for (let i = 0; i < 3; i++) host.addVm(`${idle[(index + i) % 6]}-${index + 1}`, (4 + 2 * i) * GIB);
    await host.report();
    await host.order({ mode: 'HARVEST' });
    host.mode = 'HARVEST';
    for (const vm of host.vms) {
      await host.decide(
        vm,
        'INFLATE',
        Math.floor(vm.maxBytes * 0.55),
        'IDLE',
        'Its guest can use 2.4 GiB more than it does, and has done so for 5 minutes.',
        'Less than 0.9 GiB usable inside, or any pressure.',
      );
    }
    host.offer(40 + 12 * index);
    await host.report();
  }
  busy.usedBytes = 55 * GIB;
  const database = busy.addVm('database-1', 16 * GIB, { usableBytes: Math.floor(0.3 * GIB) });
  const analytics = busy.addVm('analytics', 12 * GIB, { usableBytes: Math.floor(0.2 * GIB) });
  busy.addVm('passthrough-gpu', 8 * GIB, { guestDaemon: false, excludedBecause: 'it has a device passed through, whose memory is pinned' });
  silent.addVm('backup', 4 * GIB);
  for (const host of [busy, silent]) {
    await host.report();
    await host.order({ mode: 'HARVEST' });
  }
  for (const host of hosts) if (host !== silent) host.run();
  await busy.measure([north, east, south]);
  await give(admin, database.vmId, 3 * GIB, 2);
  await give(admin, analytics.vmId, 2 * GIB, 1);
  await give(admin, database.vmId, 0.5 * GIB, 2, 'DEVICE');
  return { hosts, north, east, south, west, busy, silent, database, analytics };
}

/** Asks for a grant, and waits until it is active. */
export async function give(admin, vmId, sizeBytes, copies, attachMode = 'SWAP') {
  const { body } = await admin('POST', '/api/v1/grants', { spec: { vmId, sizeBytes, attachMode, copies } }, { 'Idempotency-Key': randomUUID() });
  await until(`grant ${body.operation.grantId} is active`, async () => {
    const grant = await admin('GET', `/api/v1/grants/${body.operation.grantId}`);
    return grant.body.status.state === 'ACTIVE';
  });
  return body.operation.grantId;
}

export async function until(what, isSo, millis = 20_000) {
  const deadline = Date.now() + millis;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited ${millis} ms in vain until ${what}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}
