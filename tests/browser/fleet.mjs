// Simulated agents: they speak the real agent API of a real broker, and have no memory behind them.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const GIB = 2 ** 30;
const REGION = 2 ** 26;

/** A caller with a token. Throws what the broker refuses, with its code. */
export function caller(address, token) {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(address + path, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const said = text === '' ? null : JSON.parse(text);
    if (!response.ok) {
      throw Object.assign(new Error(`${method} ${path}: ${response.status} ${said?.code} ${said?.detail}`), { code: said?.code });
    }
    return { body: said, etag: response.headers.get('ETag') };
  };
}

let certificateRequest;

/** One certificate request for all: whose key it is, the broker does not ask here. */
function request() {
  if (certificateRequest === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'memfabric-browser-'));
    const words = `req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=simulated -keyout ${folder}/key -out ${folder}/pem`;
    execFileSync('openssl', words.split(' '), { stdio: 'ignore' });
    certificateRequest = readFileSync(join(folder, 'pem'), 'utf8');
    rmSync(folder, { recursive: true });
  }
  return certificateRequest;
}

/** Over what a simulated borrower says it reaches each lender of a grant. */
function waysOf({ extents }) {
  const lenders = new Set(extents.flatMap(({ legs }) => legs.map((leg) => leg.lenderId)));
  return [...lenders].map((lenderId) => ({ lenderId, transport: 'TCP' }));
}

/** A host with VMs and regions that says what a real agent would say, and does what it is told. */
export class SimulatedHost {
  bootId = randomUUID();
  processId = randomUUID();
  sequence = 0;
  decisions = 0;
  revision = -1;
  mode = 'OBSERVE';
  vms = [];
  regions = new Map();
  attached = new Map();
  changed = true;
  running = false;
  nextRegion = 1;
  totalBytes = 64 * GIB;
  reserveBytes = 4 * GIB;
  usedBytes = 30 * GIB;

  static async enroll(address, admin, name) {
    const { body } = await admin('POST', '/api/v1/join-tokens', { hostName: name });
    const enrolled = await caller(address, body.token)('POST', '/agent/v1/enroll', {
      hostName: name,
      dataAddress: '192.0.2.1:7700',
      agentVersion: '0.1.0',
      certificateRequest: request(),
    });
    const host = new SimulatedHost();
    host.id = enrolled.body.hostId;
    host.name = name;
    host.admin = admin;
    host.call = caller(address, enrolled.body.agentToken);
    return host;
  }

  addVm(name, maxBytes, more = {}) {
    const vm = {
      vmId: randomUUID(),
      name,
      state: 'RUNNING',
      maxBytes,
      balloonBytes: maxBytes,
      usableBytes: Math.floor(maxBytes * 0.6),
      residentBytes: maxBytes,
      guestDaemon: true,
      excludedBecause: null,
      ...more,
    };
    this.vms.push(vm);
    return vm;
  }

  /** Takes memory from a VM, and says why. */
  async decide(vm, action, targetBytes, rule, reason, unless) {
    const fromBytes = vm.balloonBytes;
    vm.balloonBytes = targetBytes;
    vm.residentBytes = Math.min(vm.residentBytes, targetBytes);
    vm.usableBytes = Math.max(0, vm.usableBytes + targetBytes - fromBytes);
    await this.call('POST', '/agent/v1/decisions', {
      processId: this.processId,
      decisions: [
        {
          sequence: ++this.decisions,
          vmId: vm.vmId,
          atEpochMillis: Date.now(),
          action,
          fromBytes,
          targetBytes,
          rule,
          reason,
          unless,
          outcome: 'done',
          inputs: {
            usableBytes: vm.usableBytes,
            ageMillis: 240,
            pressureCentipercent: action === 'DEFLATE' ? 1240 : 12,
            refaultsPerSecond: action === 'DEFLATE' ? 850 : 3,
            stallMicrosPerSecond: action === 'DEFLATE' ? 91_000 : 0,
            keepBytes: 2 ** 26,
          },
        },
      ],
    });
  }

  /** Says how far lenders are: over RDMA half as far as over TCP. */
  async measure(lenders) {
    const measured = lenders.flatMap(({ id }, i) =>
      ['TCP', 'RDMA'].map((transport, faster) => {
        const medianNanos = Math.round((30_000 + 8_000 * i) / (1 + faster));
        return { lenderId: id, transport, samples: 100, minNanos: medianNanos - 4_000, medianNanos, p99Nanos: 4 * medianNanos };
      }),
    );
    await this.call('POST', '/agent/v1/round-trips', { rdmaAddress: null, measured });
  }

  offer(count) {
    for (let i = 0; i < count; i++) {
      const regionId = this.nextRegion++;
      this.regions.set(regionId, { regionId, generation: 0, state: 'FREE', grantId: null, epoch: 0 });
    }
    this.changed = true;
  }

  /** Keeps no free region beyond what it may lend, as an agent does. */
  withdraw(lendLimitBytes) {
    for (const { regionId, state } of [...this.regions.values()].reverse()) {
      if (this.regions.size * REGION <= lendLimitBytes) return;
      if (state === 'FREE' && this.regions.delete(regionId)) this.changed = true;
    }
  }

  memory() {
    const regions = [...this.regions.values()];
    const harvested = this.vms.reduce((sum, vm) => sum + vm.maxBytes - vm.balloonBytes, 0);
    const offered = regions.length * REGION;
    return {
      totalBytes: this.totalBytes,
      availableBytes: Math.max(0, this.totalBytes - this.usedBytes - offered),
      reserveBytes: this.reserveBytes,
      harvestedBytes: harvested,
      shortBytes: 0,
      offeredBytes: offered,
      lentBytes: regions.filter((region) => region.state === 'CLAIMED').length * REGION,
    };
  }

  async report() {
    const { body } = await this.call('POST', '/agent/v1/reports', {
      bootId: this.bootId,
      sequence: ++this.sequence,
      mode: this.mode,
      memory: this.memory(),
      vms: this.vms,
    });
    this.mode = body.mode;
    this.withdraw(body.lendLimitBytes);
    if (body.inventoryWanted || this.changed) {
      this.changed = false;
      await this.call('POST', '/agent/v1/inventories', {
        bootId: this.bootId,
        regions: [...this.regions.values()],
        grants: [...this.attached.values()],
      });
    }
  }

  /** Loses its region table, as a lender does whose agent died. */
  lose() {
    this.bootId = randomUUID();
    this.regions = new Map();
    this.changed = true;
  }

  async obey(wait = 0) {
    const { body } = await this.call('GET', `/agent/v1/commands?revision=${this.revision}&wait=${wait}`);
    this.revision = body.revision;
    for (const command of body.commands) {
      const refused = this.carryOut(command);
      this.changed = true;
      await this.call('POST', '/agent/v1/results', {
        commandId: command.commandId,
        outcome: refused === undefined ? 'DONE' : 'REFUSED',
        code: refused ?? null,
        detail: refused === undefined ? null : 'Refused by a simulated host.',
      });
    }
    return body.commands.length;
  }

  carryOut(command) {
    switch (command.kind) {
      case 'prepare-regions':
        if (command.regions.some((claim) => !this.fits(claim))) return 'stale_generation';
        for (const { regionId, generation } of command.regions) {
          Object.assign(this.regions.get(regionId), { generation, state: 'CLAIMED', grantId: command.grantId, epoch: command.epoch });
        }
        return undefined;
      case 'fence-regions':
        for (const { bootId, regionId } of command.regions) {
          const region = this.regions.get(regionId);
          if (bootId === this.bootId && region !== undefined) Object.assign(region, { state: 'FREE', grantId: null, epoch: 0 });
        }
        return undefined;
      case 'attach-grant':
        this.attached.set(command.grantId, {
          grantId: command.grantId,
          epoch: command.epoch,
          vmId: command.vmId,
          legs: [],
          ways: waysOf(command),
        });
        return undefined;
      case 'detach-grant':
        if (this.refuseDetach) return 'guest_needs_memory';
        this.attached.delete(command.grantId);
        return undefined;
      case 'replace-legs':
      case 'drop-legs':
        return undefined;
      default:
        return 'unknown_command';
    }
  }

  fits(claim) {
    const region = this.regions.get(claim.regionId);
    return claim.bootId === this.bootId && region !== undefined && region.generation <= claim.generation;
  }

  /** Reports every second and obeys at once, until it is stopped. */
  run() {
    if (this.running) return;
    this.running = true;
    const beat = async () => {
      while (this.running) {
        await this.report().catch(() => undefined);
        await new Promise((wake) => setTimeout(wake, 1_000));
      }
    };
    const listen = async () => {
      while (this.running) {
        const pause = await this.obey(5).then(
          () => 0,
          () => 500,
        );
        if (pause > 0) await new Promise((wake) => setTimeout(wake, pause));
      }
    };
    this.ends = Promise.all([beat(), listen()]);
  }

  async stop() {
    this.running = false;
    await this.ends;
  }

  async order(spec) {
    const path = `/api/v1/hosts/${this.id}`;
    const { etag } = await this.admin('GET', path);
    await this.admin('PATCH', path, { spec }, { 'If-Match': etag });
  }
}
