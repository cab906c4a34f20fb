import type { Fabric, Grant, Host, Recall, Sums } from '../../api/client';
import { count, gib, visible } from '../../parts/format';
import type { Tone } from '../../parts/Values';
import { hasEnded } from '../grants/grantState';

/** Something about the fabric that an operator should know, the reason first. */
export interface Finding {
  tone: Tone;
  reason: string;
  effect: string;
  to?: '/hosts' | '/grants';
  only?: string;
  /** The one host that it is about. */
  host?: string;
}

/** What is wrong with the fabric, the worst first; one good word where nothing is. */
export function findings(
  fabric: Fabric | undefined,
  hosts: Host[],
  grants: Grant[],
  total: Sums | undefined,
  recalls: Recall[] = [],
): Finding[] {
  const found: Finding[] = [];
  const degraded = grants.filter((g) => g.status.state === 'DEGRADED');
  const gone = hosts.filter((h) => h.status.lostAt !== null);
  const silent = hosts.filter((h) => !h.status.reachable && h.status.lostAt === null);
  const harvesting = hosts.filter((h) => h.spec.mode === 'HARVEST');
  const dead = grants.filter((g) => !hasEnded(g) && g.status.problem?.code === 'all_copies_lost');
  if (dead.length > 0) {
    found.push({
      tone: 'bad',
      reason: dead.length === 1 ? 'A grant has lost every copy of a part' : `${count(dead.length)} grants have lost every copy of a part`,
      effect: 'Their VMs pause where they need the lost pages. Release them.',
      to: '/grants',
      only: 'degraded',
    });
  }
  const held = grants.filter((g) => g.status.state === 'QUARANTINED');
  if (held.length > 0) {
    found.push({
      tone: 'bad',
      reason: held.length === 1 ? 'A grant is in quarantine' : `${count(held.length)} grants are in quarantine`,
      effect: 'Nothing of them is touched. Look at what stands against each, then return it to service or release it.',
      to: '/grants',
      only: 'degraded',
    });
  }
  if (degraded.length > 0) {
    found.push({
      tone: 'warn',
      reason: degraded.length === 1 ? 'A grant has pages with too few copies' : `${count(degraded.length)} grants have pages with too few copies`,
      effect: `${gib(atRisk(grants))} of granted memory would not survive the loss of one more lender.`,
      to: '/grants',
      only: 'degraded',
    });
  }
  const late = recalls.filter((recall) => recall.status.late);
  if (late.length > 0) {
    const [first] = late;
    const name = visible(hosts.find((h) => h.id === first!.spec.hostId)?.status.name ?? 'A host');
    found.push({
      tone: 'bad',
      reason:
        late.length === 1
          ? `${name} waits for ${gib(first!.status.leftBytes)} that it lends`
          : `${count(late.length)} hosts wait for memory that they lend`,
      ...(late.length === 1 ? { host: first!.spec.hostId } : {}),
      effect: `The deadline has passed. ${first!.status.problem === null ? 'It is under way' : visible(first!.status.problem)}.`,
      to: '/hosts',
    });
  }
  if (silent.length > 0) {
    found.push({
      tone: silent.length === hosts.length ? 'bad' : 'warn',
      reason: silent.length === 1 ? `Host ${visible(silent[0]!.status.name)} is silent` : `${count(silent.length)} hosts are silent`,
      ...oneOf(silent),
      effect: 'Nothing new is placed there, and what is lent stays lent. A host that will not come back can be declared lost on its page.',
      to: '/hosts',
      only: 'silent',
    });
  }
  if (gone.length > 0) {
    found.push({
      tone: 'warn',
      reason: gone.length === 1 ? `Host ${visible(gone[0]!.status.name)} is lost` : `${count(gone.length)} hosts are lost`,
      ...oneOf(gone),
      effect: 'What was lent there counts for nothing. A host that nobody uses any more can be removed on its page.',
      to: '/hosts',
      only: 'silent',
    });
  }
  if (fabric?.spec.harvesting === 'STOPPED') {
    found.push({ tone: 'bad', reason: 'Harvesting is stopped', effect: 'No host takes memory from its VMs until it is allowed again.' });
  } else if (hosts.length > 0 && harvesting.length === 0) {
    found.push({
      tone: 'warn',
      reason: 'No host is in mode HARVEST',
      effect: 'Every host only watches, so nothing is lent. Set the mode on the page of a host.',
      to: '/hosts',
    });
  } else if (total !== undefined && total.offeredBytes > 0 && total.freeBytes === 0) {
    found.push({ tone: 'warn', reason: 'No region is free', effect: 'New grants are refused until hosts have harvested more.', to: '/hosts' });
  }
  if (found.length === 0 && hosts.length > 0) {
    found.push({ tone: 'good', reason: 'Nothing is wrong', effect: 'Every host is heard, and every grant has all its copies.' });
  }
  const drained = hosts.filter((h) => h.spec.scheduling === 'DRAINED' && h.status.lostAt === null);
  if (drained.length > 0) {
    found.push({
      tone: 'quiet',
      reason: drained.length === 1 ? `Host ${visible(drained[0]!.status.name)} is out of service` : `${count(drained.length)} hosts are out of service`,
      ...oneOf(drained),
      effect: 'What is lent there moves elsewhere, and nothing new is placed there until it is opened again.',
      to: '/hosts',
    });
  }
  return found;
}

function oneOf(hosts: Host[]): { host?: string } {
  return hosts.length === 1 ? { host: hosts[0]!.id } : {};
}

/** Bytes of grants that have too few copies of some page. */
export function atRisk(grants: Grant[]): number {
  return grants.filter((g) => g.status.state === 'DEGRADED').reduce((sum, g) => sum + g.status.sizeBytes, 0);
}
