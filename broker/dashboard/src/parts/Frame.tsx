import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client';

/** The head of a page: what it is about, how that is, and what can be done with it. */
export function PageHead(props: { title: string; label?: ReactNode; note?: ReactNode; children?: ReactNode }): ReactNode {
  const { title, label, note, children } = props;
  useEffect(() => {
    document.title = `${title} · memfabric`;
  }, [title]);
  return (
    <header className="page-head">
      <div>
        <h1>{label ?? title}</h1>
        {note === undefined ? null : <div className="page-note">{note}</div>}
      </div>
      {children === undefined || children === null ? null : <div className="actions">{children}</div>}
    </header>
  );
}

export function Panel(props: { title: string; note?: ReactNode; tools?: ReactNode; children: ReactNode; flush?: boolean }): ReactNode {
  return (
    <section className="panel" aria-label={props.title}>
      <header>
        <h2>{props.title}</h2>
        {props.note === undefined ? null : <span className="panel-note">{props.note}</span>}
        {props.tools === undefined ? null : <span className="tools">{props.tools}</span>}
      </header>
      <div className={props.flush === true ? 'panel-body flush' : 'panel-body'}>{props.children}</div>
    </section>
  );
}

/** That there is nothing here yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children === undefined ? null : <div>{children}</div>}
    </div>
  );
}

/** Why something could not be shown or done. */
export function Failure({ error }: { error: unknown }): ReactNode {
  const known = error instanceof ApiError;
  return (
    <div className="failure" role="alert">
      <p>{known ? error.message : 'This page failed.'}</p>
      <p className="faint">
        {known ? <code>{error.code}</code> : <code>{String(error)}</code>}
        {known && error.retryable ? <span> · it may work in a moment</span> : null}
      </p>
    </div>
  );
}

/** What a query has, or why it has nothing. */
export function Loaded<T>(props: {
  query: { data: T | undefined; error: unknown; isPending: boolean };
  children: (data: T) => ReactNode;
}): ReactNode {
  const { data, error } = props.query;
  if (data !== undefined) return props.children(data);
  if (error !== null && error !== undefined) return <Failure error={error} />;
  return (
    <div className="loading" role="status">
      Reading…
    </div>
  );
}
