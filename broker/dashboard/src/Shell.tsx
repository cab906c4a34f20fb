import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { fabricQuery, grantsQuery } from './api/queries';
import icon from './icon.svg';
import { stream, useFollowing, useLiveUpdates } from './live/live';
import { useSampler } from './live/samples';
import { Badge } from './parts/Values';
import { chooseTheme, useTheme } from './theme';
import type { Theme } from './theme';
import { AccountMenu } from './session/Account';
import { useMay } from './session/session';

/** What surrounds every page: where one can go, how fresh everything is, who one is. */
export function Shell(): ReactNode {
  const client = useQueryClient();
  useLiveUpdates(client);
  useSampler(useMay('see-fabric'));
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    // Browsers answer a scroll with a promise, which is no way to clean up after it.
    void main.current?.scrollTo(0, 0);
  }, [path]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <Navigation />
      <Strip />
      <main id="main" tabIndex={-1} ref={main}>
        <Outlet />
      </main>
    </div>
  );
}

function Navigation(): ReactNode {
  const grants = useQuery(grantsQuery());
  const troubled = grants.data?.items.filter((g) => ['DEGRADED', 'QUARANTINED'].includes(g.status.state)).length ?? 0;
  const seesFabric = useMay('see-fabric');
  const mayAudit = useMay('read-audit');
  return (
    <nav className="side" aria-label="Pages">
      <div className="brand">
        <img src={icon} alt="" />
        memfabric
      </div>
      {seesFabric ? (
        <>
          <Link to="/" activeOptions={{ exact: true }}>
            Fabric
          </Link>
          <Link to="/hosts">Hosts</Link>
        </>
      ) : null}
      <Link to="/vms">VMs</Link>
      <Link to="/grants">
        Grants
        {troubled > 0 ? <Badge tone="warn">{troubled}</Badge> : null}
      </Link>
      <Link to="/events">Events</Link>
      <Link to="/tenants">Tenants</Link>
      {mayAudit ? <Link to="/audit">Audit</Link> : null}
      <Link to="/settings">Settings</Link>
      <span className="grow" />
      <Freshness />
      <div className="side-foot">
        <Themes />
        <AccountMenu />
      </div>
    </nav>
  );
}

const THEMES: [Theme, string][] = [
  ['system', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

function Themes(): ReactNode {
  const chosen = useTheme();
  return (
    <div className="themes" role="group" aria-label="Colours">
      {THEMES.map(([value, label]) => (
        <button key={value} type="button" aria-pressed={chosen === value} onClick={() => chooseTheme(value)}>
          {label}
        </button>
      ))}
    </div>
  );
}

function Freshness(): ReactNode {
  const following = useFollowing();
  const words = { connecting: 'Connecting…', live: 'Live', stale: 'Stale' }[following];
  return (
    <span className={`pulse ${following}`} role="status">
      {words}
    </span>
  );
}

/** What one must not overlook on any page. */
function Strip(): ReactNode {
  const following = useFollowing();
  const fabric = useQuery({ ...fabricQuery, enabled: useMay('see-fabric') });
  if (following === 'stale') return <StaleStrip />;
  if (fabric.data?.body.spec.harvesting === 'STOPPED') {
    return (
      <div className="strip stopped" role="status">
        Harvesting is stopped on every host. Memory is still given back to VMs that need it.
      </div>
    );
  }
  return <span />;
}

function StaleStrip(): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.round((now - stream.lastHeard()) / 1_000));
  return (
    <div className="strip stale" role="alert">
      <span>
        The broker has not been heard for <span className="number">{seconds} s</span>. What you see is from before; it is
        being asked again.
      </span>
    </div>
  );
}
