import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Answer, Host } from '../../api/client';
import { Confirm } from '../../parts/Dialog';
import { gib, typable, visible } from '../../parts/format';
import { useHostChange } from './HostActions';

type Scheduling = Host['spec']['scheduling'];

const WORDS: Record<Scheduling, { button: string; verb: string; effect: string }> = {
  OPEN: { button: 'Uncordon', verb: 'Open it', effect: 'New grants may be placed on it again, and it may lend again.' },
  CORDONED: {
    button: 'Cordon',
    verb: 'Cordon it',
    effect: 'Nothing new is placed on it. What it lends stays where it is, and its VMs go on.',
  },
  DRAINED: {
    button: 'Drain',
    verb: 'Drain it',
    effect: 'Nothing new is placed on it, and what it lends moves to other hosts while the VMs go on. The last copy of a page is never dropped.',
  },
};

/** Takes a host out of service and back. */
export function ServiceActions({ answer }: { answer: Answer<Host> }): ReactNode {
  const [wanted, setWanted] = useState<Scheduling | null>(null);
  const change = useHostChange(answer);
  const { spec, status } = answer.body;
  const name = visible(status.name);
  const offered = (['OPEN', 'CORDONED', 'DRAINED'] as const).filter((each) => each !== spec.scheduling);
  return (
    <>
      {offered.map((each) => (
        <button key={each} type="button" className={each === 'DRAINED' ? 'danger' : ''} onClick={() => setWanted(each)}>
          {WORDS[each].button}
        </button>
      ))}
      {wanted === null ? null : (
        <Confirm
          title={`${WORDS[wanted].button} host ${name}`}
          effect={
            <>
              <p>{WORDS[wanted].effect}</p>
              {wanted === 'DRAINED' ? <p>It lends {gib(status.lentBytes)} now.</p> : null}
            </>
          }
          verb={WORDS[wanted].verb}
          {...(wanted === 'DRAINED' ? { typed: typable(status.name, answer.body.id), danger: true } : {})}
          act={() => change({ scheduling: wanted })}
          onClose={() => setWanted(null)}
        />
      )}
    </>
  );
}
