import { HeatmapChart } from 'echarts/charts';
import { GridComponent, VisualMapComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { Cell } from './HeatMap';

use([HeatmapChart, GridComponent, VisualMapComponent, CanvasRenderer]);

/** Cells are as large as there is room for, between these. */
const SMALLEST = 3;
const SIDE = 28;
const TALLEST = 240;

/** Draws a heat map into an element; a cell says what it is as the title under the pointer. */
export function drawHeat(element: HTMLElement, colours: string[], pick: (id: string) => void) {
  const [cold, warm, hot, unknown, surface] = colours as [string, string, string, string, string];
  const chart = init(element, null, { renderer: 'canvas' });
  let cells: Cell[] = [];
  let columns = 1;

  const layout = () => {
    const width = Math.max(SIDE, element.clientWidth);
    // As many rows as a calm height allows; cells shrink where there are very many.
    const side = Math.max(SMALLEST, Math.min(SIDE, Math.floor(Math.sqrt((width * TALLEST) / Math.max(1, cells.length)))));
    columns = Math.max(1, Math.floor(width / side));
    const rows = Math.max(1, Math.ceil(cells.length / columns));
    element.style.height = `${rows * side}px`;
    chart.resize({ width: columns * side, height: rows * side });
    chart.setOption({
      animation: false,
      grid: { left: 0, top: 0, right: 0, bottom: 0 },
      xAxis: { type: 'category', show: false, data: Array.from({ length: columns }, (_, i) => i) },
      yAxis: { type: 'category', show: false, inverse: true, data: Array.from({ length: rows }, (_, i) => i) },
      visualMap: { show: false, min: 0, max: 1, inRange: { color: [cold, warm, hot] } },
      series: [
        {
          type: 'heatmap',
          // So many cells in a frame: a map of 10,000 does not hold up whoever scrolls beside it.
          progressive: 500,
          progressiveThreshold: 1_000,
          itemStyle: { borderColor: surface, borderWidth: side > 6 ? 1.5 : 0.5, borderRadius: side > 8 ? 3 : 0 },
          data: cells.map(({ heat }, i) => {
            const value = [i % columns, Math.floor(i / columns), heat ?? 0];
            return heat === null ? { value, visualMap: false, itemStyle: { color: unknown } } : value;
          }),
        },
      ],
    });
  };

  chart.on('mouseover', (event) => {
    element.title = cells[event.dataIndex]?.said() ?? '';
  });
  chart.on('click', (event) => {
    const cell = cells[event.dataIndex];
    if (cell !== undefined) pick(cell.id);
  });
  const observer = new ResizeObserver(() => {
    if (Math.floor(element.clientWidth / SIDE) !== Math.floor(chart.getWidth() / SIDE)) layout();
  });
  observer.observe(element);
  return {
    show(next: Cell[]): void {
      cells = next;
      layout();
    },
    destroy(): void {
      observer.disconnect();
      chart.dispose();
    },
  };
}
