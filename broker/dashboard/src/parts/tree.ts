import { TreemapChart } from 'echarts/charts';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { mix } from './colour';
import type { Area } from './TreeMap';

use([TreemapChart, CanvasRenderer]);

interface Node {
  name: string;
  value: number;
  area: Area;
  itemStyle: { color: string };
  label?: { color: string };
  children?: Node[];
}

/** Draws areas into an element; an area says what it is as the title under the pointer. */
export function drawTree(element: HTMLElement, colours: string[], pick: (id: string) => void) {
  const [cold, warm, hot, unknown, surface, ink, raised] = colours as [string, string, string, string, string, string, string];
  const chart = init(element, null, { renderer: 'canvas' });

  const nodeOf = (area: Area): Node => {
    const color = area.heat === null ? unknown : area.heat < 0.5 ? mix(cold, warm, area.heat * 2) : mix(warm, hot, area.heat * 2 - 1);
    const node: Node = { name: area.name, value: area.bytes, area, itemStyle: { color } };
    if (area.children !== undefined) node.children = area.children.map(nodeOf);
    return node;
  };
  const areaOf = (event: unknown): Area | undefined => (event as { data?: { area?: Area } }).data?.area;

  chart.on('mouseover', (event) => {
    element.title = areaOf(event)?.said() ?? '';
  });
  chart.on('click', (event) => {
    const id = areaOf(event)?.id ?? null;
    if (id !== null) pick(id);
  });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  return {
    show(areas: Area[]): void {
      chart.setOption({
        animation: false,
        series: [
          {
            type: 'treemap',
            roam: false,
            nodeClick: false,
            breadcrumb: { show: false },
            left: 0,
            top: 0,
            right: 0,
            bottom: 0,
            // What is too small to be seen is left out by the library; the rest keeps its proportion.
            visibleMin: 8,
            label: { show: true, color: ink, fontSize: 11, overflow: 'truncate', textBorderColor: surface, textBorderWidth: 2 },
            upperLabel: { show: true, height: 18, color: ink, fontSize: 11, overflow: 'truncate' },
            itemStyle: { borderColor: surface, borderWidth: 1, gapWidth: 1 },
            levels: [{ itemStyle: { borderColor: raised, borderWidth: 0, gapWidth: 3 }, upperLabel: { show: false } }],
            data: areas.map(nodeOf),
          },
        ],
      });
    },
    destroy(): void {
      observer.disconnect();
      chart.dispose();
    },
  };
}
