import { useEffect, useRef, useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import { useColour } from '../theme';
import type { Span } from '../live/history';
import { axisTime, decimal, gib } from './format';
import { Bytes, Time, Unknown } from './Values';

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
  const point = useRef<(index: number | null) => void>(() => undefined);
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
        onPoint: (index) => point.current(index),
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
      <Legend times={times} lines={lines} unit={unit} point={point} />
    </div>
  );
}

interface LegendProps {
  times: number[];
  lines: Line[];
  unit: Unit;
  /** Where it hears which point is under the pointer. */
  point: RefObject<(index: number | null) => void>;
}

/** The lines with what they are at the point under the pointer, at the end where there is none. */
function Legend({ times, lines, unit, point }: LegendProps): ReactNode {
  const [pointed, setPointed] = useState<number | null>(null);
  useEffect(() => {
    point.current = setPointed;
  }, [point]);
  const index = pointed !== null && pointed < times.length ? pointed : times.length - 1;
  const time = times[index];
  return (
    <ul className="legend">
      {lines.map((line) => (
        <li key={line.label}>
          <span className="swatch" style={{ background: `var(--${line.colour})` }} />
          <span>{line.label}</span>
          <Value of={line.values[index] ?? null} unit={unit} />
        </li>
      ))}
      {time === undefined || pointed === null ? null : (
        <li className="faint">
          at <Time of={new Date(time * 1_000).toISOString()} />
        </li>
      )}
    </ul>
  );
}

function Value({ of, unit }: { of: number | null; unit: Unit }): ReactNode {
  if (of === null) return <Unknown />;
  return unit === 'bytes' ? <Bytes of={Math.round(of)} /> : <span className="number">{SAY[unit](of)}</span>;
}
