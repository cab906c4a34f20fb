import type { Grant } from '../../api/client';
import type { Tone } from '../../parts/Values';

type State = Grant['status']['state'];

// By name, and not by every state that the contract has today: a state that is new there has a word
// here before it has a sentence.
const TONES: Record<string, Tone> = {
  DEGRADED: 'warn',
  RECALLING: 'warn',
  QUARANTINED: 'bad',
  RESIZING: 'busy',
  FAILED: 'bad',
  RESERVED: 'busy',
  PREPARED: 'busy',
  DRAINING: 'busy',
  ACTIVE: 'good',
  FENCED: 'quiet',
  RELEASED: 'quiet',
};

const MEANINGS: Record<string, string> = {
  RESERVED: 'Its regions are claimed; their lenders prepare them.',
  PREPARED: 'Its regions are ready; the device is being attached.',
  ACTIVE: 'The VM has the device, and every page has its copies.',
  DEGRADED: 'The VM has the device and goes on; some page has too few copies.',
  RECALLING: 'The VM goes on; pages leave a lender that needs its memory back.',
  QUARANTINED: 'Nothing of it is touched: its device serves no more, or hosts and ledger do not say the same of it.',
  RESIZING: 'The VM goes on with what it has; the grant is on its way to another size.',
  DRAINING: 'It is being released; the guest gives the device up.',
  FENCED: 'The device is gone; lenders take their regions back.',
  RELEASED: 'It holds nothing any more.',
  FAILED: 'It never became active and holds nothing.',
};

export function toneOfGrant(state: State): Tone {
  return TONES[state] ?? 'quiet';
}

export function meaningOf(state: State): string {
  return MEANINGS[state] ?? state;
}

const URGENCY: string[] = ['QUARANTINED', 'DEGRADED', 'RECALLING', 'DRAINING', 'RESIZING', 'PREPARED', 'RESERVED', 'FENCED', 'ACTIVE', 'FAILED', 'RELEASED'];

/** How urgently somebody has to look at it; 0 is the most. */
export function urgencyOf(grant: Grant): number {
  if (grant.status.problem !== undefined && grant.status.state !== 'FAILED' && grant.status.state !== 'RELEASED') return 0;
  const place = URGENCY.indexOf(grant.status.state);
  return 1 + (place < 0 ? URGENCY.length : place);
}

const ENDED: ReadonlySet<State> = new Set(['RELEASED', 'FAILED']);

export function hasEnded(grant: Grant): boolean {
  return ENDED.has(grant.status.state);
}

/** What is wrong with it. The broker keeps the last problem of one that was released, which is nobody's any more. */
export function problemOf(grant: Grant): Grant['status']['problem'] {
  return grant.status.state === 'RELEASED' ? undefined : grant.status.problem;
}

/** Whether it can get another size: what the guest swaps on, and what was asked for by somebody. */
export function canResize(grant: Grant): boolean {
  return grant.spec.attachMode === 'SWAP' && grant.status.origin === 'API' && ['ACTIVE', 'DEGRADED'].includes(grant.status.state);
}
