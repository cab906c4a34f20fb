import type { ReactNode } from 'react';

/** One of a few, each a button that says whether it is the one. */
export function Choice<T extends string>(props: {
  label: string;
  of: readonly (readonly [T, string])[];
  chosen: T;
  onChoose: (wanted: T) => void;
}): ReactNode {
  return (
    <div className="choice" role="group" aria-label={props.label}>
      {props.of.map(([value, word]) => (
        <button key={value} type="button" aria-pressed={props.chosen === value} onClick={() => props.onChoose(value)}>
          {word}
        </button>
      ))}
    </div>
  );
}
