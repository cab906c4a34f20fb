// Names that want to be more than names.
import { holds, same } from './checks.mjs';
import { GIB, SimulatedHost } from './fleet.mjs';
import { show } from './pages.mjs';
import { HOSTILE } from './stage.mjs';

export async function addHostileNames({ broker }) {
  const host = await SimulatedHost.enroll(broker.address, broker.admin, HOSTILE.html);
  for (const name of Object.values(HOSTILE)) host.addVm(name, GIB);
  await host.report();
  host.run();
  return host;
}

export async function showsHostileNamesAsText(page, { broker, hostile }) {
  const text = (name) => name.replaceAll('\u202e', '[U+202E]').replaceAll('\u200f', '[U+200F]');
  await show(page, broker.address, { path: '/hosts', heading: 'Hosts', ready: 'All hosts' });
  await page.getByRole('link', { name: HOSTILE.html, exact: true }).waitFor();
  await page.getByRole('link', { name: HOSTILE.html, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: HOSTILE.html, exact: true }).waitFor();
  for (const vm of hostile.vms) {
    await page.goto(`${broker.address}/vms/${vm.vmId}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    same(await page.getByRole('heading', { level: 1 }).innerText(), text(vm.name), 'the heading');
  }
  for (const path of ['/', '/vms', '/grants', '/events']) {
    await page.goto(broker.address + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForFunction(() => document.querySelector('.loading') === null);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    holds(!wide, `${path} is wider than the window`);
  }
  holds(!(await page.evaluate(() => 'hacked' in globalThis)), 'a name ran as a script');
  same(await page.locator('main img, main script').count(), 0, 'elements made of names');
}

/** A name with NUL cannot be in PostgreSQL's text: the broker says so, and nothing is shown. */
export async function refusesNul({ broker }) {
  const refused = await SimulatedHost.enroll(broker.address, broker.admin, 'nul\u0000byte').then(
    () => 'let in',
    (error) => error.code,
  );
  same(refused, 'invalid_host_name', 'a host name with NUL');
}
