// Every page of the dashboard, and how one knows that it is all there.
export function pagesOf(scene) {
  return [
    { name: 'fabric', path: '/', heading: 'Fabric', ready: 'Where memory flows' },
    { name: 'hosts', path: '/hosts', heading: 'Hosts', ready: 'All hosts' },
    { name: 'host', path: `/hosts/${scene.north.id}`, heading: scene.north.name, ready: 'Lends to' },
    { name: 'vms', path: '/vms', heading: 'VMs', ready: 'All VMs' },
    { name: 'vm', path: `/vms/${scene.database.vmId}`, heading: scene.database.name, ready: 'Why' },
    { name: 'grants', path: '/grants', heading: 'Grants', ready: 'All grants' },
    { name: 'grant', path: `/grants/${scene.grants[0]}`, heading: /^Grant /, ready: 'Its life' },
    { name: 'tenants', path: '/tenants', heading: 'Tenants', ready: 'Quotas and use' },
    { name: 'tenant', path: `/tenants/${scene.tenant}`, heading: 'default', ready: 'Quota' },
    { name: 'audit', path: '/audit', heading: 'Audit', ready: 'The trail' },
    { name: 'settings', path: '/settings', heading: 'Settings', ready: 'API tokens' },
    { name: 'events', path: '/events', heading: 'Events', ready: 'What happened' },
  ];
}

export async function show(page, address, { path, heading, ready }) {
  await page.goto(address + path);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await page.getByRole('region', { name: ready, exact: true }).first().waitFor();
  await page.waitForFunction(() => document.querySelector('.loading') === null);
}
