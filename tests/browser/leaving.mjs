// Hosts that leave the fabric: one that is emptied and taken out, and one that will not come back.
import { holds, same } from './checks.mjs';
import { GIB } from './fleet.mjs';
import { show } from './pages.mjs';
import { axe } from './session.mjs';
import { until } from './stage.mjs';

const dialog = (page) => page.getByRole('dialog');
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const panelOf = (page) => page.getByRole('region', { name: 'Out of service' });

async function confirm(page, word, verb) {
  const button = dialog(page).getByRole('button', { name: verb, exact: true });
  holds(await button.isDisabled(), `“${verb}” needs nothing typed`);
  await dialog(page).getByRole('textbox').fill(word);
  await button.click();
  await dialog(page).waitFor({ state: 'detached' });
}

async function isGone(page, { broker }, host) {
  await page.getByRole('heading', { level: 1, name: 'Hosts' }).waitFor();
  await page.getByRole('link', { name: host.name, exact: true }).waitFor({ state: 'detached' });
  const found = await broker.admin('GET', `/api/v1/hosts/${host.id}`).catch((error) => error.code);
  same(found, 'host_not_found', 'the host that was removed');
}

/** Recalls all memory of a host and ends the recall; nobody else has room, so that it is not done by itself. */
async function recallsAndEnds(page, { broker, scene: { south } }) {
  const open = async () => (await broker.admin('GET', `/api/v1/recalls?hostId=${south.id}&state=OPEN`)).body.items;
  await press(page, 'Recall memory');
  const send = dialog(page).getByRole('button', { name: 'Recall it' });
  await dialog(page).getByLabel('How much it gets back').fill('lots');
  holds(await send.isDisabled(), 'a recall of "lots" can be sent');
  await dialog(page).getByLabel('How much it gets back').fill('4 GiB');
  await dialog(page).getByLabel('Within how many seconds').fill('600');
  await send.click();
  await dialog(page).waitFor({ state: 'detached' });
  const recalls = page.getByRole('region', { name: 'Recalls' });
  await recalls.getByRole('progressbar', { name: 'Progress of the recall' }).waitFor();
  same((await open()).map(({ spec }) => spec.bytes), [4 * GIB], 'what is recalled');
  await press(recalls, 'End this recall');
  await press(dialog(page), 'End it');
  await recalls.getByText('ENDED').waitFor();
  same(await open(), [], 'the open recalls');
}

/** A drain that finds no room says so, goes on when there is room, and then the host can be removed. */
export async function drainsAndRemovesAHost(page, world) {
  const { broker, scene } = world;
  const { south } = scene;
  const others = [scene.north, scene.east, scene.west];
  const limits = (lendLimitBytes) => Promise.all(others.map((host) => host.order({ lendLimitBytes })));
  await limits(0);
  await show(page, broker.address, { path: `/hosts/${south.id}`, heading: south.name, ready: 'Lends to' });
  await recallsAndEnds(page, world);
  await press(page, 'Drain');
  await confirm(page, south.name, 'Drain it');
  const panel = panelOf(page);
  await panel.getByText(/find no place elsewhere/).waitFor();
  const bar = panel.getByRole('progressbar', { name: 'Progress of the drain' });
  const drain = async () => (await broker.admin('GET', `/api/v1/recalls?hostId=${south.id}&state=OPEN`)).body.items[0];
  const { spec, status } = await drain();
  holds(status.leftBytes > 0, 'nothing is left to be moved');
  await until('the page says what is left', async () => Number(await bar.getAttribute('value')) === spec.bytes - status.leftBytes);
  await panel.locator(`[title="${status.leftBytes.toLocaleString('en-GB')} bytes"]`).first().waitFor();
  const found = await axe(page);
  holds(found.length === 0, `axe: ${found.join('; ')}`);
  await press(page, 'Remove');
  await dialog(page).getByRole('textbox').fill(south.name);
  await press(dialog(page), 'Remove it');
  await dialog(page).getByRole('alert').getByText('host_in_use').waitFor();
  await press(dialog(page), 'Cancel');
  await limits(2 ** 36);
  for (const host of others) host.offer(60);
  await panel.getByText('Drained').waitFor({ timeout: 60_000 });
  await panel.getByText('Nobody has anything of it.').waitFor({ timeout: 20_000 });
  same((await broker.admin('GET', `/api/v1/hosts/${south.id}`)).body.status.lentBytes, 0, 'what it lends');
  await south.stop();
  await press(page, 'Remove');
  await confirm(page, south.name, 'Remove it');
  await isGone(page, world, south);
}

/** A silent host is declared lost, is then said to be off, and is removed. */
export async function declaresAHostLost(page, world) {
  const { broker, scene } = world;
  const { silent } = scene;
  const lostAt = async () => (await broker.admin('GET', `/api/v1/hosts/${silent.id}`)).body.status.lostAt;
  await show(page, broker.address, { path: `/hosts/${scene.north.id}`, heading: scene.north.name, ready: 'Memory' });
  same(await page.getByRole('button', { name: 'Declare lost' }).count(), 0, 'how often a host that is heard can be declared lost');
  await show(page, broker.address, { path: `/hosts/${silent.id}`, heading: silent.name, ready: 'Memory' });
  await press(page, 'Declare lost');
  await dialog(page).getByRole('heading', { name: `Declare host ${silent.name} lost` }).waitFor();
  await dialog(page).getByLabel('The machine is off').check();
  await dialog(page).getByText(/grants of its VMs end/).waitFor();
  await dialog(page).getByLabel('The machine is off').uncheck();
  await confirm(page, silent.name, 'It is lost');
  await page.locator('.page-note').getByText('Lost', { exact: true }).waitFor();
  holds((await lostAt()) !== null, 'the broker does not count it as lost');
  await press(page, 'It is off');
  await confirm(page, silent.name, 'It is off');
  await panelOf(page).getByText('Nobody has anything of it.').waitFor();
  await press(page, 'Remove');
  await confirm(page, silent.name, 'Remove it');
  await isGone(page, world, silent);
}
