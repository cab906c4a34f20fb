import type { OnChangeFn, SortingState } from '@tanstack/react-table';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { ListSearch } from '../routes';

type ListPath = '/hosts' | '/vms' | '/grants' | '/events';

/** Filter and order of a list, kept in its address. `sort` is a column's name, after `-` the other way. */
export function useListState(path: ListPath, usual: string) {
  const search: ListSearch = useSearch({ from: path });
  const navigate = useNavigate();
  const change = useCallback(
    (wanted: ListSearch) => void navigate({ to: path, search: { ...search, ...wanted }, replace: true }),
    [navigate, path, search],
  );
  const sort = search.sort ?? usual;
  const sorting = useMemo<SortingState>(() => [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }], [sort]);
  const onSorting: OnChangeFn<SortingState> = (update) => {
    const [first] = typeof update === 'function' ? update(sorting) : update;
    change({ sort: first === undefined ? usual : `${first.desc ? '-' : ''}${first.id}` });
  };
  return { q: search.q ?? '', only: search.only ?? '', sorting, onSorting, change };
}
