// The dashboard in Debian's Chromium, on a real broker with simulated agents.
// Arguments: --hosts N (10000) for the large table; --live-hours N (4) of updates, played within --patience N (90)
// seconds; --live-seconds N (0) of updates in real time; --screens FOLDER.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  changesAHost,
  checksTheChain,
  givesAndReleasesMemory,
  letsAHostJoin,
  makesAndEndsAnAccount,
  makesAndEndsATenant,
  makesAndRevokesAToken,
  changesThePolicyAndGoesBack,
  setsAMemoryPolicy,
  showsWhatIsDegraded,
  stopsAllHarvesting,
} from './actions.mjs';
import { Broker } from './broker.mjs';
import { Checks, holds, same } from './checks.mjs';
import { opensEveryDialog } from './dialogs.mjs';
import { triesAnOperation } from './docs.mjs';
import { Figures } from './figures.mjs';
import { addHostileNames, refusesNul, showsHostileNamesAsText } from './hostile.mjs';
import { looksBackInTime } from './history.mjs';
import { growthInHours } from './hours.mjs';
import { Issuer } from './issuer.mjs';
import { filterTimes, framePauses, pretendMany, showPlainRows } from './large.mjs';
import { showsThePictures } from './pictures.mjs';
import { pagesOf, show } from './pages.mjs';
import { refusesWhomTheProviderDoesNotVouchFor, ROLES, seesOnlyItsTenant, seesWhatItsRoleMay, signsInAtTheProvider } from './roles.mjs';
import { axe, chooseTheme, launch, open, signIn } from './session.mjs';
import { stage, until } from './stage.mjs';
import { firstLoad, firstPaints, heapGrowth } from './speed.mjs';
import { tellsSomebodyOutside } from './webhooks.mjs';

const root = resolve(import.meta.dirname, '../..');
const option = (name, usual) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : process.argv[at + 1];
};
const screens = resolve(root, option('screens', 'target/browser'));
mkdirSync(screens, { recursive: true });

const checks = new Checks();
const figures = new Figures();
const world = {};
let violations = 0;
const checked = new Set();

const issuer = await Issuer.start();
const broker = await Broker.start(root, (address) => issuer.options(address));
Object.assign(world, { broker, issuer });
const password = /as admin with the password (\S+) /.exec(broker.output)?.[1] ?? '';
const browser = await launch();
let page = await open(browser);
checks.onFailure = async (name) => {
  await page.screenshot({ path: join(screens, `failed-${name.replace(/\W+/g, '-')}.png`) }).catch(() => undefined);
};

/** Looks at the page with axe, light and dark. */
async function accessible(name) {
  for (const theme of ['Light', 'Dark']) {
    await chooseTheme(page, theme);
    await page.waitForTimeout(150);
    const found = await axe(page);
    violations += found.length;
    holds(found.length === 0, `${name}, ${theme}: ${found.join('\n')}`);
  }
}

await checks.run('the broker prints the first password once', async () => {
  same(broker.output.split(password).length - 1, 1, 'how often the password was printed');
  holds(password.length === 23, 'the password is not four groups of five');
});

await checks.run('a wrong password is refused and the right one signs in', async () => {
  await page.goto(broker.address);
  await page.getByLabel('Password').waitFor();
  const found = await axe(page);
  violations += found.length;
  holds(found.length === 0, found.join('\n'));
  checked.add('sign-in');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The name or the password is not right.').waitFor();
  await signIn(page, broker.address, password);
  const [cookie] = await page.context().cookies();
  same([cookie.name, cookie.httpOnly, cookie.sameSite], ['memfabric_session', true, 'Strict'], 'the cookie');
});

await checks.run('an empty fabric says what to do next', async () => {
  await page.getByText('No host has joined yet.').waitFor();
  await page.getByRole('button', { name: 'Let a host join' }).waitFor();
  await accessible('the empty fabric');
  await page.goto(`${broker.address}/grants`);
  await page.getByText('No grant lives.').waitFor();
});

const scene = await stage(broker);
world.scene = scene;
scene.tenant = (await broker.admin('GET', '/api/v1/tenants')).body.items[0].id;
scene.grants = (await broker.admin('GET', '/api/v1/grants')).body.items.map((grant) => grant.id);

for (const each of pagesOf(scene)) {
  await checks.run(`page ${each.name}: a deep link shows it, axe finds nothing, nothing fails in it`, async () => {
    page.wrong.length = 0;
    await show(page, broker.address, each);
    await accessible(each.name);
    same(page.wrong, [], 'what went wrong in the page');
    checked.add(each.name);
  });
}

await checks.run('the tiles have the ledger’s figures, to the byte', async () => {
  await show(page, broker.address, { path: '/', heading: 'Fabric', ready: 'Where memory flows' });
  const { total } = (await broker.admin('GET', '/api/v1/capacity')).body;
  for (const [name, bytes] of [['Lent', total.lentBytes], ['Free', total.freeBytes], ['Reclaimed', total.harvestedBytes]]) {
    const tile = page.locator('.tile', { hasText: name }).locator('.number');
    await until(`${name} is ${bytes}`, async () => (await tile.getAttribute('title')) === `${bytes.toLocaleString('en-GB')} bytes`);
  }
});

await checks.run('times are local, and in UTC under the pointer', async () => {
  const time = page.getByRole('region', { name: 'What changed lately' }).locator('time').first();
  const at = new Date(await time.getAttribute('datetime'));
  holds((await time.getAttribute('title')) === at.toISOString().replace('T', ' ').replace('Z', ' UTC'), 'the title is not UTC');
});

await checks.run('maps of areas, round trips, and columns that are chosen', () => showsThePictures(page, world));

// The pictures of the README, of this run.
await checks.run('the pictures for the README', async () => {
  await chooseTheme(page, 'Light');
  await show(page, broker.address, { path: '/', heading: 'Fabric', ready: 'Where memory flows' });
  await page.waitForTimeout(6_500);
  await page.screenshot({ path: join(screens, 'fabric.png') });
  await chooseTheme(page, 'Dark');
  await show(page, broker.address, { path: `/grants/${scene.grants[0]}`, heading: /^Grant/, ready: 'Its life' });
  await page.screenshot({ path: join(screens, 'grant.png') });
  await chooseTheme(page, 'Auto');
});

await checks.run('what happens elsewhere appears by itself', async () => {
  await show(page, broker.address, { path: '/events', heading: 'Events', ready: 'What happened' });
  await scene.busy.order({ lendLimitBytes: 2 ** 35 });
  await page.locator('.events li').first().getByText('Host changed').waitFor();
});

await checks.run('a host: mode with confirmation, limit with validation', () => changesAHost(page, world));
await checks.run('a host joins with a token that is shown once', () => letsAHostJoin(page, world));
await checks.run('the kill switch wants to be typed, and can be undone', () => stopsAllHarvesting(page, world));
await checks.run('memory is given and released', () => givesAndReleasesMemory(page, world));

await checks.run('a tenant is made, changed and ended', () => makesAndEndsATenant(page, world));
await checks.run('a token is made, works, and is revoked', () => makesAndRevokesAToken(page, world));
await checks.run('a person is let in and out', () => makesAndEndsAnAccount(browser, page, world));
await checks.run('what is wanted of a VM’s memory is set', () => setsAMemoryPolicy(page, world));
await checks.run('the policy is changed, and an older version put back', () => changesThePolicyAndGoesBack(page, world));
await checks.run('somebody outside is told of events', () => tellsSomebodyOutside(page, world));
await checks.run('the API’s document is a page in which operations can be tried', () => triesAnOperation(browser, world));
await checks.run('the audit trail is checked', () => checksTheChain(page, world));

await checks.run('everything can be reached with the keyboard', async () => {
  await show(page, broker.address, { path: '/grants', heading: 'Grants', ready: 'All grants' });
  await page.locator('body').press('Tab');
  same(await page.evaluate(() => document.activeElement.textContent), 'Skip to the page', 'the first stop');
  for (const name of ['Fabric', 'Hosts', 'VMs']) {
    await page.keyboard.press('Tab');
    same(await page.evaluate(() => document.activeElement.textContent), name, 'the next stop');
  }
});

await checks.run('every dialog: by keyboard, seen by axe, and the focus goes back', async () => {
  violations += await opensEveryDialog(page, world);
});

await checks.run('colours follow the machine, and the choice is kept', async () => {
  await chooseTheme(page, 'Auto');
  await page.emulateMedia({ colorScheme: 'dark' });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  await until('it is dark', async () => (await theme()) === 'dark');
  await chooseTheme(page, 'Light');
  await page.reload();
  same(await theme(), 'light', 'the theme after a reload');
});

await checks.run('people sign in at the identity provider', () => signsInAtTheProvider(browser, world));
await checks.run('whom the provider does not vouch for is refused', () => refusesWhomTheProviderDoesNotVouchFor(browser, world));
for (const role of ROLES) {
  await checks.run(`${role}: sees what it may do, and the broker refuses the rest`, () => seesWhatItsRoleMay(browser, world, role));
}
await checks.run('a tenant’s operator sees nothing of others', () => seesOnlyItsTenant(browser, world));

await checks.run('what was written down is shown over an hour, a day and a week', () => looksBackInTime(page, world));

await checks.run('hostile names are text', async () => {
  world.hostile = await addHostileNames(world);
  await showsHostileNamesAsText(page, world);
  await refusesNul(world);
});

await checks.run('what is degraded comes first, with its reason', () => showsWhatIsDegraded(page, world));

await checks.run('a broker that is gone is marked, and nothing is missed when it is back', async () => {
  await show(page, broker.address, { path: '/events', heading: 'Events', ready: 'What happened' });
  await broker.kill();
  await page.getByRole('alert').getByText('The broker has not been heard').waitFor();
  await page.locator('.pulse.stale').waitFor();
  await broker.launch();
  await page.locator('.pulse.live').waitFor({ timeout: 20_000 });
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await until('hosts are heard again', async () => {
    const { body } = await broker.admin('GET', '/api/v1/hosts');
    return body.items.some((host) => host.status.reachable);
  });
  const { body } = await broker.admin('GET', '/api/v1/events?newest=true&pageSize=1');
  await page.locator('.events li').nth(0).waitFor();
  await until('the newest event is on the page', async () => {
    const times = await page.locator('.events time').evaluateAll((all) => all.map((time) => time.dateTime));
    return times.some((at) => new Date(at) >= new Date(body.items[0].at));
  });
});

await checks.run('first load and first paint', async () => {
  figures.add('first_load_gzip_bytes', 'bytes', [await firstLoad(browser, page, broker.address)], 250_000);
  figures.add('first_paint_ms', 'ms', await firstPaints(browser, page, broker.address, 5), 1_500);
});

await checks.run('hours of live updates, played', async () => {
  const hours = Number(option('live-hours', '4'));
  const { growth, before, after, seconds, took } = await growthInHours(browser, page, world, hours, Number(option('patience', '90')));
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
  const note = `${seconds} s of updates, played in ${took.toFixed(0)} s; ${mib(before)} MiB after the first hour, then ${after.map(mib).join(', ')}`;
  figures.add('heap_growth_share', 'ratio', [growth], 0.1, { note });
  figures.add('updates_played_s', 's', [seconds], (hours + 1) * 3_600, { floor: true, note: 'the first hour, which fills what is kept, and the measured ones' });
});

const realSeconds = Number(option('live-seconds', '0'));
if (realSeconds > 0) {
  await checks.run('live updates in real time', async () => {
    const growth = await heapGrowth(page, world, realSeconds);
    figures.add('heap_growth_real_share', 'ratio', [growth], 0.1, { note: `${realSeconds} s at 10 changes a second` });
  });
}

for (const host of scene.hosts) host.running = false;
await checks.run('a table of very many hosts', async () => {
  const count = Number(option('hosts', '10000'));
  await pretendMany(page, world, count);
  await page.goto(`${broker.address}/hosts`);
  await page.waitForFunction((wanted) => Number(document.querySelector('table.data')?.getAttribute('aria-rowcount')) > wanted, count, {
    timeout: 60_000,
  });
  await page.waitForTimeout(3_000);
  figures.add('filter_10k_hosts_ms', 'ms', await filterTimes(page), 100);
  const rounds = [];
  for (let i = 0; i < 5; i++) rounds.push(await framePauses(page));
  const plain = await showPlainRows(browser, count);
  const floors = [];
  for (let i = 0; i < 5; i++) floors.push(await framePauses(plain));
  await plain.context().close();
  const longest = (all) => all.map((pauses) => pauses[0]);
  const third = (all) => all.map((pauses) => pauses[2]);
  figures.add('scroll_frame_max_ms', 'ms', longest(rounds), 50, { note: 'the longest of 120 frames, median of 5 rounds' });
  figures.add('scroll_frame_p98_ms', 'ms', third(rounds), 50, { note: 'the third longest of 120 frames' });
  figures.add('scroll_floor_max_ms', 'ms', longest(floors), null, { note: 'the same over as many plain lines, without scripts' });
});

await checks.run('the password can be changed', async () => {
  await page.getByRole('button', { name: 'Change password' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Current password').fill(password);
  await form.getByLabel('New password').fill('short');
  await form.getByRole('button', { name: 'Change it' }).click();
  holds(await form.isVisible(), 'a short password is taken');
  await form.getByLabel('New password').fill('a much longer one');
  await form.getByRole('button', { name: 'Change it' }).click();
  await form.waitFor({ state: 'detached', timeout: 30_000 });
});

await checks.run('who signs out is out', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Password').waitFor();
  same(await page.evaluate(async () => (await fetch('/api/v1/hosts')).status), 401, 'the answer afterwards');
});

figures.add('axe_violations', 'count', [violations], 0, { note: 'light and dark' });
figures.add('pages_checked', 'count', [checked.size], 13, { floor: true });
figures.print();
figures.write(root, 'target/bench/browser.json');
await browser.close();
await broker.close();
await issuer.close();
process.exit(checks.end() ? 0 : 1);
