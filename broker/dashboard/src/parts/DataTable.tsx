import { flexRender, getCoreRowModel, getFilteredRowModel, getSortedRowModel, useReactTable } from '@tanstack/react-table';
import type { ColumnDef, OnChangeFn, SortingState, VisibilityState } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { ReactNode } from 'react';

export type Column<T> = ColumnDef<T, string | number | null> & { meta?: { width?: number; end?: boolean } };

interface Props<T> {
  label: string;
  rows: T[];
  columns: Column<T>[];
  rowId: (row: T) => string;
  sorting: SortingState;
  onSorting: OnChangeFn<SortingState>;
  filter?: string;
  matches?: (row: T, filter: string) => boolean;
  hidden?: VisibilityState;
  empty: ReactNode;
  tall?: boolean;
}

const ROW_HEIGHT = 30;

/** A table of any length: only the rows in sight are in the document. Sorts by its heads. */
export function DataTable<T>(props: Props<T>): ReactNode {
  const { label, rows, columns, rowId, sorting, onSorting, filter = '', matches, hidden = {}, empty, tall = false } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const table = useReactTable({
    data: rows,
    columns,
    state: { sorting, globalFilter: filter, columnVisibility: hidden },
    onSortingChange: onSorting,
    getRowId: rowId,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    getFilteredRowModel: getFilteredRowModel(),
    globalFilterFn: (row, _column, wanted: string) => matches === undefined || matches(row.original, wanted),
    getColumnCanGlobalFilter: () => true,
    sortDescFirst: false,
  });
  const shown = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items[items.length - 1]?.end ?? 0);
  const width = table.getVisibleLeafColumns().length;
  if (shown.length === 0) return <>{empty}</>;
  return (
    <div ref={scroller} className={tall ? 'table-scroll tall' : 'table-scroll'} tabIndex={0} role="region" aria-label={label}>
      <table className="data" aria-label={label} aria-rowcount={shown.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {table.getFlatHeaders().map((header) => {
              const meta = (header.column.columnDef as Column<T>).meta;
              const sorted = header.column.getIsSorted();
              const head = flexRender(header.column.columnDef.header, header.getContext());
              return (
                <th
                  key={header.id}
                  scope="col"
                  className={meta?.end === true ? 'end' : undefined}
                  style={meta?.width === undefined ? {} : { width: meta.width }}
                  aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : 'none'}
                >
                  {header.column.getCanSort() ? (
                    <button type="button" className="sort" onClick={header.column.getToggleSortingHandler()}>
                      {head}
                      <span aria-hidden="true" className="sort-mark">
                        {sorted === 'asc' ? '▲' : sorted === 'desc' ? '▼' : ''}
                      </span>
                    </button>
                  ) : (
                    head
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          <Gap height={above} width={width} />
          {items.map((item) => {
            const row = shown[item.index]!;
            return (
              <tr key={row.id} aria-rowindex={item.index + 2}>
                {row.getVisibleCells().map((cell) => (
                  <td key={cell.id} className={(cell.column.columnDef as Column<T>).meta?.end === true ? 'end' : undefined}>
                    {flexRender(cell.column.columnDef.cell, cell.getContext())}
                  </td>
                ))}
              </tr>
            );
          })}
          <Gap height={below} width={width} />
        </tbody>
      </table>
    </div>
  );
}

/** Stands for the rows out of sight, so that the scroll bar tells the truth. */
function Gap({ height, width }: { height: number; width: number }): ReactNode {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true" className="gap">
      <td colSpan={width} style={{ height }} />
    </tr>
  );
}
