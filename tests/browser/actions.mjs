// What an operator does, page by page, and what comes of it.
import { same, holds } from './checks.mjs';
import { GIB } from './fleet.mjs';
import { until } from './stage.mjs';
import { show } from './pages.mjs';
import { open, signIn } from './session.mjs';

const dialog = (page) => page.getByRole('dialog');
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

export async function changesAHost(page, { broker, scene }) {
  const host = scene.west;
  const spec = async () => (await broker.admin('GET', `/api/v1/hosts/${host.id}`)).body.spec;
  await show(page, broker.address, { path: `/hosts/${host.id}`, heading: host.name, ready: 'Memory' });
  await press(page, 'Pause');
  await dialog(page).getByRole('heading', { name: `Set host ${host.name} to PAUSE` }).waitFor();
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  same((await spec()).mode, 'HARVEST', 'the mode after a cancel');
  await press(page, 'Pause');
  await dialog(page).getByRole('button', { name: 'Set PAUSE' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  same((await spec()).mode, 'PAUSE', 'the mode');
  await press(page, 'Harvest');
  await dialog(page).getByRole('button', { name: 'Set HARVEST' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  await press(page, 'Limit lending');
  await dialog(page).getByLabel('The most that it may lend').fill('much');
  holds(await dialog(page).getByRole('button', { name: 'Set the limit' }).isDisabled(), 'a limit of "much" can be sent');
  await dialog(page).getByLabel('The most that it may lend').fill('24 GiB');
  await dialog(page).getByRole('button', { name: 'Set the limit' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  const ordered = await spec();
  same([ordered.mode, ordered.lendLimitBytes], ['HARVEST', 24 * GIB], 'what was ordered');
}

export async function letsAHostJoin(page, { broker }) {
  await show(page, broker.address, { path: '/hosts', heading: 'Hosts', ready: 'All hosts' });
  await press(page, 'Let a host join');
  await dialog(page).getByLabel('Name of the host').fill('hv-joins');
  await dialog(page).getByRole('button', { name: 'Make the token' }).click();
  const token = await dialog(page).locator('pre').innerText();
  holds(/^mfj_[0-9a-f]{64}\.[0-9a-f]{64}$/.test(token.trim()), `no token: ${token}`);
  await dialog(page).getByRole('button', { name: 'Done' }).click();
}

export async function stopsAllHarvesting(page, { broker }) {
  const state = async () => (await broker.admin('GET', '/api/v1/fabric')).body.spec.harvesting;
  await show(page, broker.address, { path: '/', heading: 'Fabric', ready: 'Health' });
  await press(page, 'Stop all harvesting');
  const stop = dialog(page).getByRole('button', { name: 'Stop harvesting' });
  holds(await stop.isDisabled(), 'the switch needs nothing typed');
  await dialog(page).getByRole('textbox').fill('stop harvesting');
  await stop.click();
  await page.getByText('Harvesting is stopped on every host.').waitFor();
  same(await state(), 'STOPPED', 'harvesting');
  await press(page, 'Allow harvesting');
  await dialog(page).getByRole('button', { name: 'Allow harvesting' }).click();
  await page.getByText('Harvesting is stopped on every host.').waitFor({ state: 'detached' });
  same(await state(), 'ALLOWED', 'harvesting');
}

export async function givesAndReleasesMemory(page, { broker, scene }) {
  await show(page, broker.address, { path: '/grants', heading: 'Grants', ready: 'All grants' });
  await press(page, 'Give memory');
  const form = dialog(page);
  await form.getByRole('combobox').first().selectOption({ label: 'analytics' });
  await form.getByLabel('Size').fill('nothing');
  await form.getByText('A number with GiB or MiB, such as 2 GiB.').waitFor();
  holds(await form.getByRole('button', { name: 'Give it' }).isDisabled(), 'a size of "nothing" can be sent');
  await form.getByLabel('Size').fill('900 GiB');
  await form.getByRole('button', { name: 'Give it' }).click();
  await form.getByRole('alert').getByText('insufficient_capacity').waitFor();
  await form.getByLabel('Size').fill('256 MiB');
  await form.getByRole('button', { name: 'Show where it would go' }).click();
  await form.getByText('There is room').waitFor();
  holds((await form.getByRole('status').getByRole('link').count()) >= 2, 'two copies would go to one host');
  await form.getByRole('button', { name: 'Give it' }).click();
  await page.waitForURL(/\/grants\/[0-9a-f-]{36}$/);
  // Nothing is loaded anew: the state comes with the events.
  await page.locator('.page-note').getByText('ACTIVE', { exact: true }).waitFor();
  const id = page.url().slice(-36);
  const { body } = await broker.admin('GET', `/api/v1/grants/${id}`);
  same([body.spec.vmId, body.status.sizeBytes, body.spec.copies], [scene.analytics.vmId, 2 ** 28, 2], 'the grant');

  await resizesIt(page, broker, id);
  await press(page, 'Release');
  const release = dialog(page).getByRole('button', { name: 'Release' });
  holds(await release.isDisabled(), 'a release needs nothing typed');
  const back = await dialog(page).getByRole('list', { name: 'Who gets memory back' }).innerText();
  const given = [...back.matchAll(/gets ([\d.]+) GiB back/g)].reduce((sum, [, gib]) => sum + Number(gib), 0);
  holds(Math.abs(given - 0.5) < 0.05, `${given} GiB go back to lenders, of two copies of 0.25 GiB`);
  await dialog(page).getByRole('textbox').fill(body.status.serial);
  await release.click();
  await page.locator('.page-note').getByText('RELEASED', { exact: true }).waitFor();
  await until('its regions are free', async () => {
    const { body: held } = await broker.admin('GET', `/api/v1/regions?grantId=${id}`);
    return held.items.length === 0;
  });
}

/** It grows by a device, says to which sizes it can shrink, and shrinks to one of them. */
async function resizesIt(page, broker, id) {
  const size = async () => (await broker.admin('GET', `/api/v1/grants/${id}`)).body.status;
  const ask = async (text, answer) => {
    await press(page, 'Another size');
    await dialog(page).getByLabel('New size').fill(text);
    await dialog(page).getByRole('button', { name: 'Show how it would get there' }).click();
    await dialog(page).getByText(answer, { exact: true }).waitFor();
  };
  const change = async (bytes) => {
    await dialog(page).getByRole('button', { name: 'Change the size' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    await until(`the grant has ${bytes} bytes`, async () => (await size()).sizeBytes === bytes && (await size()).state === 'ACTIVE');
    await page.locator('.page-note').getByText('ACTIVE', { exact: true }).waitFor();
  };
  await press(page, 'Another size');
  holds(await dialog(page).getByRole('button', { name: 'Change the size' }).isDisabled(), 'the size that it has can be sent');
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await ask('512 MiB', 'It can');
  await change(2 ** 29);
  await page.getByRole('region', { name: 'Further devices' }).getByText('ACTIVE').waitFor();
  await ask('320 MiB', 'It cannot');
  await dialog(page).getByText(/It can shrink to 0\.25 GiB/).waitFor();
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await ask('256 MiB', 'It can');
  await change(2 ** 28);
}

/** A lender loses its regions, and no other has room for the copies: the pages say so, worst first. */
export async function showsWhatIsDegraded(page, { broker, scene }) {
  await show(page, broker.address, { path: '/', heading: 'Fabric', ready: 'Health' });
  for (const host of [scene.north, scene.east]) await host.order({ lendLimitBytes: 0, mode: 'PAUSE' });
  scene.west.lose();
  await page.getByText(/pages? with too few copies|pages with too few copies/).first().waitFor({ timeout: 20_000 });
  const risk = await page.locator('.tile', { hasText: 'At risk' }).locator('.number').innerText();
  holds(risk !== '0 GiB', 'nothing is at risk');
  await page.getByRole('link', { name: 'Show them' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Grants' }).waitFor();
  const state = await page.locator('table.data tbody tr:not(.gap) .badge').first().innerText();
  same(state, 'DEGRADED', 'the first grant');
}

export async function makesAndEndsATenant(page, { broker }) {
  await show(page, broker.address, { path: '/tenants', heading: 'Tenants', ready: 'Quotas and use' });
  await press(page, 'New tenant');
  await dialog(page).getByLabel('Name').fill('Not A Name');
  holds(await dialog(page).getByRole('button', { name: 'Make it' }).isDisabled(), 'a tenant "Not A Name" can be sent');
  await dialog(page).getByLabel('Name').fill('blue');
  await dialog(page).getByLabel('Most memory').fill('8 GiB');
  await dialog(page).getByRole('button', { name: 'Make it' }).click();
  await page.getByRole('heading', { level: 1, name: 'blue' }).waitFor();
  const id = page.url().slice(-36);
  const spec = async () => (await broker.admin('GET', `/api/v1/tenants/${id}`)).body.spec;
  same([(await spec()).maxBytes, (await spec()).maxGrants], [8 * GIB, null], 'the quota');
  await press(page, 'Change');
  await dialog(page).getByLabel('Most grants').fill('3');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  same([(await spec()).maxBytes, (await spec()).maxGrants], [8 * GIB, 3], 'the quota');
  await press(page, 'End it');
  await dialog(page).getByRole('textbox').fill('blue');
  await dialog(page).getByRole('button', { name: 'End the tenant' }).click();
  await page.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor();
  await page.getByRole('link', { name: 'blue', exact: true }).waitFor({ state: 'detached' });
}

export async function makesAndRevokesAToken(page, { broker }) {
  await show(page, broker.address, { path: '/settings', heading: 'Settings', ready: 'API tokens' });
  await press(page, 'New token');
  await dialog(page).getByLabel('Name').fill('short-lived');
  await dialog(page).getByRole('button', { name: 'Make it' }).click();
  const token = (await dialog(page).locator('pre').innerText()).trim();
  const status = async () => (await fetch(`${broker.address}/api/v1/vms`, { headers: { Authorization: `Bearer ${token}` } })).status;
  same(await status(), 200, 'the answer to the new token');
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByRole('row', { name: /short-lived/ }).getByRole('button', { name: 'Revoke' }).click();
  await dialog(page).getByRole('textbox').fill('short-lived');
  await dialog(page).getByRole('button', { name: 'Revoke it' }).click();
  await page.getByRole('row', { name: /short-lived/ }).waitFor({ state: 'detached' });
  same(await status(), 401, 'the answer to the revoked token');
}

export async function checksTheChain(page, { broker }) {
  await show(page, broker.address, { path: '/audit', heading: 'Audit', ready: 'The trail' });
  await press(page, 'Check the chain');
  await page.getByRole('status').getByText('Whole').waitFor();
  await page.getByLabel('Only this action').fill('fabric_changed');
  await page.getByText(/entries read/).waitFor();
}

export async function setsAMemoryPolicy(page, { broker, scene }) {
  const vm = scene.analytics;
  await show(page, broker.address, { path: `/vms/${vm.vmId}`, heading: vm.name, ready: 'Why' });
  await press(page, 'Memory policy');
  await dialog(page).getByLabel('Always keeps').fill('13 GiB');
  await dialog(page).getByText('The VM has at most 12 GiB.').waitFor();
  holds(await dialog(page).getByRole('button', { name: 'Save' }).isDisabled(), 'a floor above the VM can be sent');
  await dialog(page).getByLabel('Always keeps').fill('2 GiB');
  await dialog(page).getByLabel('Weight where memory is short').fill('7');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  const { body } = await broker.admin('GET', `/api/v1/vms/${vm.vmId}`);
  same([body.spec.memory.floorBytes, body.spec.memory.weight], [2 * GIB, 7], 'what is wanted');
}

export async function changesThePolicyAndGoesBack(page, { broker }) {
  const current = async () => (await broker.admin('GET', '/api/v1/policies/current')).body;
  const before = await current();
  await show(page, broker.address, { path: '/settings', heading: 'Settings', ready: 'Policy' });
  await press(page, 'Change the policy');
  const save = dialog(page).getByRole('button', { name: 'Put it in force' });
  holds(await save.isDisabled(), 'a policy without a change can be sent');
  await dialog(page).getByLabel('Quota of a new tenant').fill('64 GiB');
  await dialog(page).getByText('Quota of a new tenant: no limit → 64 GiB').waitFor();
  await save.click();
  await dialog(page).waitFor({ state: 'detached' });
  same((await current()).document.newTenantMaxBytes, 64 * GIB, 'the quota of a new tenant');
  await page.getByRole('button', { name: 'Back to this' }).first().click();
  await dialog(page).getByRole('button', { name: 'Put it in force' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  same((await current()).document, before.document, 'the document after the way back');
}

/** An admin lets somebody in; that person is in with the password shown, and out when the account ends. */
export async function makesAndEndsAnAccount(browser, page, { broker }) {
  await show(page, broker.address, { path: '/settings', heading: 'Settings', ready: 'People' });
  await press(page, 'New person');
  await dialog(page).getByLabel('Name').fill('paula');
  await dialog(page).getByLabel('Role').selectOption('auditor');
  await press(dialog(page), 'Make the account');
  const password = (await dialog(page).locator('pre').innerText()).trim();
  await press(dialog(page), 'Done');
  const other = await open(browser);
  await signIn(other, broker.address, password, '/audit', 'paula');
  await other.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
  await page.getByRole('row', { name: /paula/ }).getByRole('button', { name: 'End' }).click();
  const end = dialog(page).getByRole('button', { name: 'End the account' });
  holds(await end.isDisabled(), 'an account ends with nothing typed');
  await dialog(page).getByRole('textbox').fill('paula');
  await end.click();
  await page.getByRole('row', { name: /paula/ }).waitFor({ state: 'detached' });
  await other.getByLabel('Password').waitFor({ timeout: 30_000 });
  await other.context().close();
  await page.getByRole('row', { name: /admin/ }).filter({ hasText: 'default' }).getByRole('button', { name: 'End' }).click();
  await dialog(page).getByRole('textbox').fill('admin');
  await end.click();
  await dialog(page).getByRole('alert').getByText('last_admin').waitFor();
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
}
