import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useColour } from '../theme';

/** An area as large as its bytes, and the areas in it. */
export interface Area {
  /** What is picked with it; null where it is only a frame around others. */
  id: string | null;
  name: string;
  bytes: number;
  /** 0 to 1, or null where nothing is known. */
  heat: number | null;
  /** Says what it is and how it is, as one line; asked only for the area under the pointer. */
  said: () => string;
  children?: Area[];
}

/**
 * Bytes as areas within areas. The drawing library is loaded with the first map. What stands beside it
 * has everything that the map shows, so the map is a picture and not a control.
 */
export function TreeMap({ label, areas, onPick }: { label: string; areas: Area[]; onPick: (id: string) => void }): ReactNode {
  const ref = useRef<HTMLDivElement>(null);
  const map = useRef<{ show(areas: Area[]): void } | null>(null);
  const latest = useRef({ areas, onPick });
  latest.current = { areas, onPick };
  const colour = useColour();
  const colours = ['heat-0', 'heat-1', 'heat-2', 'heat-unknown', 'surface', 'ink', 'raised'].map(colour);

  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    let gone = false;
    let destroy = () => undefined as void;
    void import('./tree').then(({ drawTree }) => {
      if (gone) return;
      const drawn = drawTree(element, colours, (id) => latest.current.onPick(id));
      map.current = drawn;
      destroy = drawn.destroy;
      drawn.show(latest.current.areas);
    });
    return () => {
      gone = true;
      map.current = null;
      destroy();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [colours.join()]);

  useEffect(() => map.current?.show(areas), [areas]);
  return <div ref={ref} className="tree" role="img" aria-label={label} />;
}
