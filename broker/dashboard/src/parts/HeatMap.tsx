import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useColour } from '../theme';

export interface Cell {
  id: string;
  /** 0 to 1, or null where nothing is known. */
  heat: number | null;
  /** Says what it is and how it is, as one line; asked only for the cell under the pointer. */
  said: () => string;
}

/**
 * One cell for each thing, in the order given. The drawing library is loaded with the first map. The
 * table beside it has everything that the map shows, so the map is a picture and not a control.
 */
export function HeatMap({ label, cells, onPick }: { label: string; cells: Cell[]; onPick: (id: string) => void }): ReactNode {
  const ref = useRef<HTMLDivElement>(null);
  const map = useRef<{ show(cells: Cell[]): void } | null>(null);
  const latest = useRef({ cells, onPick });
  latest.current = { cells, onPick };
  const colour = useColour();
  const colours = ['heat-0', 'heat-1', 'heat-2', 'heat-unknown', 'surface'].map(colour);

  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    let gone = false;
    let destroy = () => undefined as void;
    void import('./heat').then(({ drawHeat }) => {
      if (gone) return;
      const drawn = drawHeat(element, colours, (id) => latest.current.onPick(id));
      map.current = drawn;
      destroy = drawn.destroy;
      drawn.show(latest.current.cells);
    });
    return () => {
      gone = true;
      map.current = null;
      destroy();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [colours.join()]);

  useEffect(() => map.current?.show(cells), [cells]);
  return <div ref={ref} className="heat" role="img" aria-label={label} />;
}
