import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from '@tanstack/react-router';
import { Empty, Failure } from './parts/Frame';
import { Shell } from './Shell';

/** What a list shows, kept in its address: whoever opens the address sees the same. */
export interface ListSearch {
  q?: string;
  sort?: string;
  only?: string;
}

function listSearch(search: Record<string, unknown>): ListSearch {
  const found: ListSearch = {};
  for (const key of ['q', 'sort', 'only'] as const) {
    const value = search[key];
    if (typeof value === 'string' && value !== '') found[key] = value.slice(0, 300);
    else if (typeof value === 'number') found[key] = String(value);
  }
  return found;
}

const root = createRootRoute({
  component: Shell,
  errorComponent: ({ error }) => <Failure error={error} />,
  notFoundComponent: () => (
    <Empty title="There is no such page.">
      <Link className="to" to="/">
        Go to the fabric
      </Link>
    </Empty>
  ),
});

const fabric = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/fabric/FabricPage'), 'FabricPage'),
});
const hosts = createRoute({
  getParentRoute: () => root,
  path: '/hosts',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/hosts/HostsPage'), 'HostsPage'),
});
const host = createRoute({
  getParentRoute: () => root,
  path: '/hosts/$id',
  component: lazyRouteComponent(() => import('./pages/hosts/HostPage'), 'HostPage'),
});
const vms = createRoute({
  getParentRoute: () => root,
  path: '/vms',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/vms/VmsPage'), 'VmsPage'),
});
const vm = createRoute({
  getParentRoute: () => root,
  path: '/vms/$id',
  component: lazyRouteComponent(() => import('./pages/vms/VmPage'), 'VmPage'),
});
const grants = createRoute({
  getParentRoute: () => root,
  path: '/grants',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/grants/GrantsPage'), 'GrantsPage'),
});
const grant = createRoute({
  getParentRoute: () => root,
  path: '/grants/$id',
  component: lazyRouteComponent(() => import('./pages/grants/GrantPage'), 'GrantPage'),
});
const events = createRoute({
  getParentRoute: () => root,
  path: '/events',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/events/EventsPage'), 'EventsPage'),
});

const tenants = createRoute({
  getParentRoute: () => root,
  path: '/tenants',
  component: lazyRouteComponent(() => import('./pages/tenants/TenantsPage'), 'TenantsPage'),
});
const tenant = createRoute({
  getParentRoute: () => root,
  path: '/tenants/$id',
  component: lazyRouteComponent(() => import('./pages/tenants/TenantPage'), 'TenantPage'),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  component: lazyRouteComponent(() => import('./pages/audit/AuditPage'), 'AuditPage'),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/SettingsPage'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([fabric, hosts, host, vms, vm, grants, grant, events, tenants, tenant, audit, settings]),
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
