import { useRouter } from '@tanstack/react-router';
import { useSyncExternalStore } from 'react';
import type { MouseEvent, ReactNode } from 'react';
import { exactBytes, gib, localTime, shortId, utcTime, visible } from './format';

/** A size in GiB; its exact bytes are its title. */
export function Bytes({ of }: { of: number | null | undefined }): ReactNode {
  if (of === null || of === undefined) return <Unknown />;
  return (
    <span className="number" title={exactBytes(of)}>
      {gib(of)}
    </span>
  );
}

/** What the broker does not know. */
export function Unknown({ why = 'Not known' }: { why?: string }): ReactNode {
  return (
    <span className="faint" title={why}>
      –
    </span>
  );
}

/** A time where the reader is; the same in UTC is its title. */
export function Time({ of }: { of: string | null | undefined }): ReactNode {
  if (of === null || of === undefined) return <Unknown why="Never" />;
  const at = new Date(of);
  return (
    <time className="number" dateTime={of} title={utcTime(at)}>
      {localTime(at, new Date())}
    </time>
  );
}

// One clock for all: a table has one such cell in each row.
const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

function eachSecond(listener: () => void): () => void {
  listeners.add(listener);
  ticking ??= setInterval(() => listeners.forEach((each) => each()), 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

function thisSecond(): number {
  return Math.floor(Date.now() / 1_000) * 1_000;
}

/** How long ago something was, told again every second. */
export function Ago({ of }: { of: string | null | undefined }): ReactNode {
  const now = useSyncExternalStore(eachSecond, thisSecond);
  if (of === null || of === undefined) return <Unknown why="Never" />;
  const at = new Date(of);
  return (
    <time className="number" dateTime={of} title={utcTime(at)}>
      {ago((now - at.getTime()) / 1_000)}
    </time>
  );
}

function ago(seconds: number): string {
  if (seconds < 2) return 'now';
  if (seconds < 120) return `${Math.floor(seconds)} s ago`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}

/** A name that somebody else chose, as text and nothing but text. */
export function Name({ of }: { of: string }): ReactNode {
  const text = visible(of);
  return (
    <bdi className="name" dir="ltr" title={text}>
      {text}
    </bdi>
  );
}

/** An id, shortened; the whole of it is its title. */
export function Id({ of }: { of: string }): ReactNode {
  return (
    <code className="id" title={of}>
      {shortId(of)}
    </code>
  );
}

/**
 * A link to the page of one thing. Tables have hundreds of them while they scroll, so it is a plain
 * anchor that hands a plain click to the router.
 */
function To({ path, children }: { path: string; children: ReactNode }): ReactNode {
  const router = useRouter();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void router.navigate({ to: path });
  };
  return (
    <a className="to" href={path} onClick={follow}>
      {children}
    </a>
  );
}

export function HostLink({ id, name }: { id: string; name?: string | undefined }): ReactNode {
  return <To path={`/hosts/${id}`}>{name === undefined ? <Id of={id} /> : <Name of={name} />}</To>;
}

export function VmLink({ id, name }: { id: string; name?: string | undefined }): ReactNode {
  return <To path={`/vms/${id}`}>{name === undefined ? <Id of={id} /> : <Name of={name} />}</To>;
}

export function GrantLink({ id }: { id: string }): ReactNode {
  return (
    <To path={`/grants/${id}`}>
      <Id of={id} />
    </To>
  );
}

export function TenantLink({ id, name }: { id: string; name: string }): ReactNode {
  return (
    <To path={`/tenants/${id}`}>
      <Name of={name} />
    </To>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'quiet';

/** A state as a word with a colour; the word alone says it all. */
export function Badge({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }): ReactNode {
  return (
    <span className={`badge ${tone}`} title={title}>
      {children}
    </span>
  );
}

/** Terms with what they are, in columns. */
export function Facts({ of }: { of: [string, ReactNode][] }): ReactNode {
  return (
    <dl className="facts">
      {of.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
