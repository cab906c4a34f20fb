import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
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

/** How long ago something was, told again every second. */
export function Ago({ of }: { of: string | null | undefined }): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
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

export function HostLink({ id, name }: { id: string; name?: string | undefined }): ReactNode {
  return (
    <Link className="to" to="/hosts/$id" params={{ id }}>
      {name === undefined ? <Id of={id} /> : <Name of={name} />}
    </Link>
  );
}

export function VmLink({ id, name }: { id: string; name?: string | undefined }): ReactNode {
  return (
    <Link className="to" to="/vms/$id" params={{ id }}>
      {name === undefined ? <Id of={id} /> : <Name of={name} />}
    </Link>
  );
}

export function GrantLink({ id }: { id: string }): ReactNode {
  return (
    <Link className="to" to="/grants/$id" params={{ id }}>
      <Id of={id} />
    </Link>
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
