import type { ReactNode } from 'react';
import { exactBytes, gib, percent } from './format';

export interface Slice {
  label: string;
  bytes: number;
  tone: 'lent' | 'free' | 'harvested' | 'reserve' | 'used' | 'idle' | 'risk' | 'granted';
}

/** A whole and its parts as one bar with a legend; the legend has the figures. */
export function Stack({ label, slices, legend = true }: { label: string; slices: Slice[]; legend?: boolean }): ReactNode {
  const whole = slices.reduce((sum, slice) => sum + slice.bytes, 0);
  const said = slices.map((slice) => `${slice.label} ${gib(slice.bytes)}`).join(', ');
  return (
    <div className="stack">
      <div className="stack-bar" role="img" aria-label={`${label}: ${said}`}>
        {slices
          .filter((slice) => slice.bytes > 0)
          .map((slice) => (
            <span key={slice.label} className={`tone-${slice.tone}`} style={{ flexGrow: slice.bytes / Math.max(1, whole) }} />
          ))}
      </div>
      {legend ? (
        <ul className="legend">
          {slices.map((slice) => (
            <li key={slice.label} title={exactBytes(slice.bytes)}>
              <span className={`swatch tone-${slice.tone}`} />
              <span>{slice.label}</span>
              <span className="number strong">{gib(slice.bytes)}</span>
              <span className="number faint">{percent(slice.bytes, whole)}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
