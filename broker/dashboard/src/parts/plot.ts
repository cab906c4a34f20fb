import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

interface Drawing {
  height: number;
  ink: string;
  grid: string;
  lines: { label: string; colour: string }[];
  unit: 'bytes' | 'percent' | 'rate';
  say: (value: number) => string;
  sayTime: (seconds: number) => string;
  data: (number | null)[][];
  /** Told which point is under the pointer, null for none. */
  onPoint: (index: number | null) => void;
}

export interface Drawn {
  setData(data: (number | null)[][]): void;
  destroy(): void;
}

/** Draws lines into an element, as wide as it is. */
export function draw(element: HTMLElement, drawing: Drawing): Drawn {
  const axis = { stroke: drawing.ink, grid: { stroke: drawing.grid, width: 1 }, ticks: { show: false }, font: '11px system-ui' };
  const plot = new uPlot(
    {
      width: Math.max(50, element.clientWidth),
      height: drawing.height,
      legend: { show: false },
      cursor: { y: false, points: { size: 6 } },
      hooks: { setCursor: [({ cursor }) => drawing.onPoint(cursor.idx ?? null)] },
      scales: {
        // Of a single point the library makes a day.
        x: { range: ({ data: [times] }, min, max) => (times.length === 1 ? [min - SHORTEST, min] : [Math.min(min, max - SHORTEST), max]) },
        y: { range: (_u, _min, max) => [0, Math.max(LEAST[drawing.unit], max * 1.08)] },
      },
      axes: [
        { ...axis, size: 24, values: (_u, splits) => splits.map(drawing.sayTime), space: 90 },
        { ...axis, size: 62, values: (_u, splits) => splits.map(drawing.say), space: 28, ...(drawing.unit === 'bytes' ? { incrs: BYTE_STEPS } : {}) },
      ],
      series: [
        {},
        ...drawing.lines.map((line) => ({
          label: line.label,
          stroke: line.colour,
          fill: `color-mix(in srgb, ${line.colour} 10%, transparent)`,
          width: 1.6,
          points: { show: false },
        })),
      ],
    },
    drawing.data as uPlot.AlignedData,
    element,
  );
  const observer = new ResizeObserver(() => plot.setSize({ width: Math.max(50, element.clientWidth), height: drawing.height }));
  observer.observe(element);
  return {
    setData: (data) => plot.setData(data as uPlot.AlignedData),
    destroy: () => {
      observer.disconnect();
      plot.destroy();
    },
  };
}

/** Seconds that a series shows at least, so that its beginning does not jump. */
const SHORTEST = 120;

/** The least that the height of a series stands for, so that noise does not look like a mountain. */
const LEAST = { bytes: 2 ** 26, percent: 5, rate: 10 } as const;

const BYTE_STEPS = Array.from({ length: 34 }, (_, i) => 2 ** (i + 20));
