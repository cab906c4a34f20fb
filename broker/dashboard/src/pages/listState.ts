import type { OnChangeFn, SortingState } from '@tanstack/react-table';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ListSearch } from '../routes';

type ListPath = '/hosts' | '/vms' | '/grants' | '/events';

const TYPING_MILLIS = 250;

/** Filter and order of a list, kept in its address. `sort` is a column's name, after `-` the other way. */
export function useListState(path: ListPath, usual: string) {
  const search: ListSearch = useSearch({ from: path });
  const navigate = useNavigate();
  const change = useCallback(
    (wanted: ListSearch) => void navigate({ to: path, search: { ...search, ...wanted }, replace: true }),
    [navigate, path, search],
  );
  // What is typed filters at once; the address follows when the typing pauses.
  const [q, setQ] = useState(search.q ?? '');
  const written = useRef(q);
  useEffect(() => {
    if (q === written.current) return undefined;
    const timer = setTimeout(() => {
      written.current = q;
      change({ q });
    }, TYPING_MILLIS);
    return () => clearTimeout(timer);
  }, [q, change]);
  useEffect(() => {
    const given = search.q ?? '';
    if (given !== written.current) {
      written.current = given;
      setQ(given);
    }
  }, [search.q]);
  const sort = search.sort ?? usual;
  const sorting = useMemo<SortingState>(() => [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }], [sort]);
  const onSorting: OnChangeFn<SortingState> = (update) => {
    const [first] = typeof update === 'function' ? update(sorting) : update;
    change({ sort: first === undefined ? usual : `${first.desc ? '-' : ''}${first.id}` });
  };
  return { q, setQ, only: search.only ?? '', sorting, onSorting, change };
}
