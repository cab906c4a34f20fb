// Every dialog: opened with the keyboard, seen by axe, closed with Escape, and the focus back where it was.
import { holds, same } from './checks.mjs';
import { show } from './pages.mjs';
import { axe } from './session.mjs';

const dialogsOf = (scene) => [
  [{ path: '/', heading: 'Fabric', ready: 'Health' }, ['Stop all harvesting']],
  [{ path: '/hosts', heading: 'Hosts', ready: 'All hosts' }, ['Let a host join']],
  [
    { path: `/hosts/${scene.south.id}`, heading: scene.south.name, ready: 'Memory' },
    ['Cordon', 'Drain', 'Only observe', 'Pause', 'Limit lending', 'Recall memory'],
  ],
  [{ path: `/hosts/${scene.silent.id}`, heading: scene.silent.name, ready: 'Memory' }, ['Declare lost']],
  [{ path: `/vms/${scene.database.vmId}`, heading: scene.database.name, ready: 'Why' }, ['Memory policy', 'Give memory']],
  [{ path: '/grants', heading: 'Grants', ready: 'All grants' }, ['Give memory']],
  [{ path: `/grants/${scene.grants[0]}`, heading: /^Grant/, ready: 'Its life' }, ['Release']],
  [{ path: '/tenants', heading: 'Tenants', ready: 'Quotas and use' }, ['New tenant']],
  [{ path: '/settings', heading: 'Settings', ready: 'Policy' }, ['Change the policy', 'New token', 'New person', 'New webhook', 'Change password']],
];

/** Looks at all of them; how many violations axe finds. */
export async function opensEveryDialog(page, { broker, scene }) {
  let violations = 0;
  for (const [where, buttons] of dialogsOf(scene)) {
    await show(page, broker.address, where);
    for (const name of buttons) {
      const button = page.getByRole('button', { name, exact: true });
      await button.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      const inside = await page.evaluate(() => document.querySelector('dialog').contains(document.activeElement));
      holds(inside, `“${name}” leaves the focus outside its dialog`);
      const found = await axe(page);
      violations += found.length;
      holds(found.length === 0, `“${name}”: ${found.join('; ')}`);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      same(await page.evaluate(() => document.activeElement.textContent), name, 'what has the focus after Escape');
    }
  }
  return violations;
}
