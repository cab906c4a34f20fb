import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useColour } from '../theme';
import type { Span } from '../live/history';
import { axisTime, decimal, gib } from './format';

export interface Line {
  label: string;
  /** The name of a colour of the theme. */
  colour: string;
  /** In the unit of the series; null where nothing is known. */
  values: (number | null)[];
}

export type Unit = 'bytes' | 'percent' | 'rate';

const SAY: Record<Unit, (value: number) => string> = {
  bytes: gib,
  percent: (value) => `${decimal(value)} %`,
  rate: (value) => `${decimal(value)} per s`,
};

/** Something over time, bytes as a rule. The drawing library is loaded when the first series is shown. */
export function Series(props: { label: string; times: number[]; lines: Line[]; height?: number; span?: Span; unit?: Unit }): ReactNode {
  const { label, times, lines, height = 150, span = 'live', unit = 'bytes' } = props;
  const say = SAY[unit];
  const ref = useRef<HTMLDivElement>(null);
  const plot = useRef<{ setData(data: (number | null)[][]): void } | null>(null);
  const colour = useColour();
  const data = [times, ...lines.map((line) => line.values)];
  const latest = useRef(data);
  latest.current = data;
  const colours = [colour('ink-soft'), colour('line'), ...lines.map((line) => colour(line.colour))];
  const shape = times.length === 0 ? '' : [span, ...lines.map((line) => line.label)].join('|');

  useEffect(() => {
    const element = ref.current;
    if (element === null || shape === '') return undefined;
    let gone = false;
    let destroy = () => undefined as void;
    void import('./plot').then(({ draw }) => {
      if (gone) return;
      const drawn = draw(element, {
        height,
        ink: colours[0]!,
        grid: colours[1]!,
        lines: lines.map((line, i) => ({ label: line.label, colour: colours[i + 2]! })),
        unit,
        say,
        sayTime: (seconds) => axisTime(new Date(seconds * 1_000), span),
        data: latest.current,
      });
      plot.current = drawn;
      destroy = drawn.destroy;
    });
    return () => {
      gone = true;
      plot.current = null;
      destroy();
    };
    // Drawn anew only for another shape or theme; what is new in a shape is set below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape, height, colours.join()]);

  useEffect(() => {
    plot.current?.setData(data);
  });

  const last = lines.map((line) => `${line.label} ${say(line.values[line.values.length - 1] ?? 0)}`).join(', ');
  return (
    <div className="series">
      <div ref={ref} role="img" aria-label={`${label}; last: ${last}`} style={{ height }} />
      <ul className="legend">
        {lines.map((line) => (
          <li key={line.label}>
            <span className="swatch" style={{ background: `var(--${line.colour})` }} />
            <span>{line.label}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
