import type { ReactNode } from 'react';
import type { Decision } from '../../api/client';
import { Empty } from '../../parts/Frame';
import { visible } from '../../parts/format';
import { Bytes, Time } from '../../parts/Values';

const DEEDS: Record<string, { word: string; tone: string }> = {
  INFLATE: { word: 'Took memory', tone: 'busy' },
  DEFLATE: { word: 'Gave memory back', tone: 'good' },
  RETREAT: { word: 'Stopped taking', tone: 'warn' },
  GROW: { word: 'Asked for a grant', tone: 'busy' },
  GIVE_BACK: { word: 'Gave its grants back', tone: 'good' },
  HOLD: { word: 'Left it', tone: '' },
};

const WOULD: Record<string, string> = {
  INFLATE: 'Would take memory',
  DEFLATE: 'Would give memory back',
};

/** Outcomes that need no word. */
const EXPECTED = ['done', 'nothing to do'];

/** What was done, or would have been: a host that only observes decides as well. */
function deedOf({ action, outcome }: Decision): { word: string; tone: string } {
  const deed = DEEDS[action] ?? { word: action, tone: '' };
  return outcome === 'observed only' ? { word: WOULD[action] ?? deed.word, tone: '' } : deed;
}

/** Why a balloon is as it is: each decision with its reason, its figures and what would have changed it. */
export function Decisions({ of }: { of: Decision[] }): ReactNode {
  if (of.length === 0) {
    return <Empty title="Nothing was decided about it yet.">Its host tells as soon as it decides anything.</Empty>;
  }
  return (
    <ol className="timeline">
      {of.map((decision, index) => {
        const deed = deedOf(decision);
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
              {EXPECTED.includes(decision.outcome) ? null : <p className="faint">Outcome: {visible(decision.outcome)}</p>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
