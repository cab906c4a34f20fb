import { flexRender, getCoreRowModel, getFilteredRowModel, getSortedRowModel, useReactTable } from '@tanstack/react-table';
import type { ColumnDef, OnChangeFn, Row, SortingState, VisibilityState } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useMemo, useRef } from 'react';
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
  const visibleColumns = table.getVisibleLeafColumns();
  const width = visibleColumns.length;
  // Rows draw again when the columns do, or another set of them is in sight.
  const shape = useMemo(() => ({ columns, ids: visibleColumns.map((column) => column.id).join() }), [columns, visibleColumns]);
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
            return <BodyRow key={row.id} row={row as Row<unknown>} index={item.index} shape={shape} />;
          })}
          <Gap height={below} width={width} />
        </tbody>
      </table>
    </div>
  );
}

interface BodyRowProps {
  row: Row<unknown>;
  index: number;
  shape: unknown;
}

/** One row. It is drawn once while it is in sight and its data stay the same, however far one scrolls. */
const BodyRow = memo(function BodyRow({ row, index }: BodyRowProps): ReactNode {
  return (
    <tr aria-rowindex={index + 2}>
      {row.getVisibleCells().map((cell) => (
        <td key={cell.id} className={(cell.column.columnDef as Column<unknown>).meta?.end === true ? 'end' : undefined}>
          {flexRender(cell.column.columnDef.cell, cell.getContext())}
        </td>
      ))}
    </tr>
  );
});

/** Stands for the rows out of sight, so that the scroll bar tells the truth. */
function Gap({ height, width }: { height: number; width: number }): ReactNode {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true" className="gap">
      <td colSpan={width} style={{ height }} />
    </tr>
  );
}
