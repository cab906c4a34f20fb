import type { ReactNode } from 'react';
import { exactBytes, gib, percent } from './format';

/** How many of some bytes are done, as a bar with its figures. */
export function Progress({ label, done, whole, verb }: { label: string; done: number; whole: number; verb: string }): ReactNode {
  return (
    <div className="progress">
      <progress aria-label={label} max={Math.max(1, whole)} value={done} />
      <span className="number" title={`${exactBytes(done)} of ${exactBytes(whole)}`}>
        {gib(done)} of {gib(whole)} {verb}, {percent(done, whole)}
      </span>
    </div>
  );
}
