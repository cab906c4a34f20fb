import type { ReactNode } from 'react';
import type { Decision } from '../../api/client';
import { Empty } from '../../parts/Frame';
import { visible } from '../../parts/format';
import { Bytes, Time } from '../../parts/Values';

const DEEDS: Record<string, { word: string; tone: string }> = {
  INFLATE: { word: 'Took memory', tone: 'busy' },
  DEFLATE: { word: 'Gave memory back', tone: 'good' },
  RETREAT: { word: 'Stopped taking', tone: 'warn' },
  HOLD: { word: 'Left it', tone: '' },
  GROW: { word: 'Asked for a grant', tone: 'busy' },
  GIVE_BACK: { word: 'Gave a grant back', tone: 'good' },
};

/** Why a balloon is as it is: each decision with its reason, its figures and what would have changed it. */
export function Decisions({ of }: { of: Decision[] }): ReactNode {
  if (of.length === 0) {
    return <Empty title="Nothing was decided about it yet.">Its host tells as soon as it decides anything.</Empty>;
  }
  return (
    <ol className="timeline">
      {of.map((decision, index) => {
        const deed = DEEDS[decision.action] ?? { word: decision.action, tone: '' };
        return (
          <li key={`${decision.at}/${index}`} className={deed.tone}>
            <Time of={decision.at} />
            <div>
              <p>
                <span className="what">{deed.word}</span>{' '}
                {decision.fromBytes === decision.targetBytes ? null : (
                  <>
                    <Bytes of={decision.fromBytes} /> → <Bytes of={decision.targetBytes} />
                  </>
                )}{' '}
                <code className="faint">{visible(decision.rule)}</code>
              </p>
              <p>{visible(decision.reason)}</p>
              <p className="faint">Otherwise if: {visible(decision.unless)}</p>
              {decision.outcome === 'done' ? null : <p className="faint">Outcome: {visible(decision.outcome)}</p>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
