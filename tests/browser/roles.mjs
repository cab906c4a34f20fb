// People of an organisation sign in at its identity provider; each sees what it may do, and the broker
// refuses the rest.
import { createHash } from 'node:crypto';
import { holds, same } from './checks.mjs';
import { show } from './pages.mjs';
import { open } from './session.mjs';

const NOWHERE = '00000000-0000-7000-8000-000000000000';

export const ROLES = ['tenant-viewer', 'tenant-operator', 'fabric-operator', 'auditor', 'admin'];
const FABRIC = ['fabric-operator', 'auditor', 'admin'];
const OPERATORS = ['fabric-operator', 'admin'];
const GRANTERS = ['tenant-operator', 'fabric-operator', 'admin'];

/** Where the navigation leads, and whom it leads there. */
const LINKS = [
  ['Fabric', FABRIC],
  ['Hosts', FABRIC],
  ['VMs', ROLES],
  ['Grants', ROLES],
  ['Events', ROLES],
  ['Tenants', ROLES],
  ['Audit', ['auditor', 'admin']],
  ['Settings', ROLES],
];

/** What can be pressed on which page, and by whom. */
const deeds = (scene) => [
  { page: { path: '/', heading: 'Fabric', ready: 'Health' }, sees: FABRIC, button: 'Stop all harvesting', may: OPERATORS },
  { page: { path: '/hosts', heading: 'Hosts', ready: 'All hosts' }, sees: FABRIC, button: 'Let a host join', may: OPERATORS },
  { page: { path: `/hosts/${scene.north.id}`, heading: scene.north.name, ready: 'Memory' }, sees: FABRIC, button: 'Drain', may: OPERATORS },
  { page: { path: `/hosts/${scene.silent.id}`, heading: scene.silent.name, ready: 'Memory' }, sees: FABRIC, button: 'Declare lost', may: OPERATORS },
  { page: { path: `/vms/${scene.database.vmId}`, heading: scene.database.name, ready: 'Why' }, sees: ROLES, button: 'Memory policy', may: OPERATORS },
  { page: { path: `/vms/${scene.database.vmId}`, heading: scene.database.name, ready: 'Why' }, sees: ROLES, button: 'Give memory', may: GRANTERS },
  { page: { path: `/grants/${scene.grants[0]}`, heading: /^Grant/, ready: 'Its life' }, sees: ROLES, button: 'Release', may: GRANTERS },
  { page: { path: '/tenants', heading: 'Tenants', ready: 'Quotas and use' }, sees: ROLES, button: 'New tenant', may: OPERATORS },
  { page: { path: '/settings', heading: 'Settings', ready: 'Policy' }, sees: FABRIC, button: 'Change the policy', may: OPERATORS },
  { page: { path: '/settings', heading: 'Settings', ready: 'Webhooks' }, sees: FABRIC, button: 'New webhook', may: OPERATORS },
  {
    page: { path: '/settings', heading: 'Settings', ready: 'API tokens' },
    sees: ['tenant-operator', 'auditor', 'admin'],
    button: 'New token',
    may: ['tenant-operator', 'admin'],
  },
  { page: { path: '/settings', heading: 'Settings', ready: 'People' }, sees: ['auditor', 'admin'], button: 'New person', may: ['admin'] },
  { page: { path: '/audit', heading: 'Audit', ready: 'The trail' }, sees: ['auditor', 'admin'], button: 'Check the chain', may: ['auditor', 'admin'] },
];

/** Requests, with whom the broker answers them. Those that change something lack what would change it. */
const requests = (scene) => [
  ['GET', '/api/v1/hosts', FABRIC],
  ['GET', '/api/v1/fabric', FABRIC],
  ['GET', '/api/v1/vms', ROLES],
  ['GET', '/api/v1/audit', ['auditor', 'admin']],
  ['GET', '/api/v1/webhooks', FABRIC],
  ['PATCH', '/api/v1/fabric', OPERATORS],
  ['PATCH', `/api/v1/hosts/${scene.north.id}`, OPERATORS],
  ['POST', `/api/v1/hosts/${scene.silent.id}:declareLost`, OPERATORS],
  ['POST', `/api/v1/hosts/${scene.north.id}/recalls`, OPERATORS],
  ['DELETE', `/api/v1/hosts/${NOWHERE}`, OPERATORS],
  ['PATCH', `/api/v1/vms/${scene.database.vmId}`, OPERATORS],
  ['POST', '/api/v1/grants', GRANTERS],
  ['DELETE', `/api/v1/grants/${NOWHERE}`, GRANTERS],
  ['POST', `/api/v1/grants/${NOWHERE}:renew`, GRANTERS],
  ['POST', `/api/v1/grants/${NOWHERE}:returnToService`, OPERATORS],
  ['POST', '/api/v1/tenants', OPERATORS],
  ['POST', '/api/v1/tokens', ['tenant-operator', 'admin']],
  ['GET', '/api/v1/users', ['auditor', 'admin']],
  ['POST', '/api/v1/users', ['admin']],
  ['POST', '/api/v1/policies', OPERATORS],
  ['POST', '/api/v1/webhooks', OPERATORS],
  ['POST', '/api/v1/join-tokens', OPERATORS],
];

/** Goes to a page as somebody of the organisation, by its sign-in page. */
async function comeAs(page, address, who, path) {
  await page.goto(address + path);
  await page.getByRole('link', { name: 'Sign in with your organisation' }).click();
  await page.getByLabel('Who are you?').fill(who);
  await page.getByRole('button', { name: 'Let me in' }).click();
}

const pages = (page) => page.getByRole('navigation', { name: 'Pages' });

/** The way there and back, with what must hold on it. */
export async function signsInAtTheProvider(browser, { broker, issuer }) {
  issuer.add('vera', ['tenant-viewer'], 'default');
  const page = await open(browser);
  await comeAs(page, broker.address, 'vera', '/grants');
  await pages(page).waitFor();
  same(new URL(page.url()).pathname, '/grants', 'the page after the sign-in');
  await page.getByText('oidc:vera').waitFor();
  const [begun, redeemed] = issuer.asked.slice(-2);
  const challenge = createHash('sha256').update(redeemed.code_verifier).digest('base64url');
  same(begun.code_challenge, challenge, 'the challenge of the verifier');
  holds(!('code_verifier' in begun) && !page.url().includes('code'), 'the verifier or the code is in an address');
  const cookies = (await page.context().cookies(broker.address)).map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }));
  same(cookies, [{ name: 'memfabric_session', httpOnly: true, sameSite: 'Strict' }], 'the cookies');
  const kept = await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]));
  holds(!kept.includes('eyJ') && !kept.includes('mfs_'), `a token is kept where scripts read it: ${kept}`);
  holds((await page.getByRole('button', { name: 'Change password' }).count()) === 0, 'a password can be changed that is not here');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in with your organisation' }).waitFor();
  await page.context().close();
}

/** Who is refused there, or brings what the broker cannot trust, is told so and is not in. */
export async function refusesWhomTheProviderDoesNotVouchFor(browser, { broker, issuer }) {
  issuer.add('nora', [], 'default');
  issuer.add('gina', ['admin'], 'no-such-tenant');
  const page = await open(browser);
  const isOut = async (how) => {
    await page.getByRole('alert').getByText('The identity provider did not let you in').waitFor();
    same(await page.evaluate(async () => (await fetch('/api/v1/session')).status), 401, `the session ${how}`);
  };
  for (const [who, how] of [
    ['stranger', 'of somebody whom the provider refuses'],
    ['nora', 'of somebody without a role'],
    ['gina', 'of somebody of a tenant that is not'],
  ]) {
    await comeAs(page, broker.address, who, '/');
    await isOut(how);
  }
  const spoils = {
    'with a token for another audience': (claims) => ({ ...claims, aud: 'something-else' }),
    'with a token of another issuer': (claims) => ({ ...claims, iss: 'http://elsewhere.example' }),
    'with a token that has ended': (claims) => ({ ...claims, exp: claims.iat - 60 }),
  };
  const honest = issuer.spoil;
  for (const [how, spoil] of Object.entries(spoils)) {
    issuer.spoil = spoil;
    await comeAs(page, broker.address, 'vera', '/');
    await isOut(how);
  }
  issuer.spoil = honest;
  const key = issuer.key;
  issuer.key = { publicKey: key.publicKey, privateKey: issuer.strangeKey() };
  await comeAs(page, broker.address, 'vera', '/');
  await isOut('with a token that somebody else signed');
  issuer.key = key;
  await page.goto(`${broker.address}/api/v1/sign-in/oidc/callback?state=st_made-up&code=made-up`);
  await isOut('with a state that this browser did not begin');
  await page.context().close();
}

/** One role in the browser: its pages, its buttons, and what the broker says to its requests. */
export async function seesWhatItsRoleMay(browser, { broker, issuer, scene }, role) {
  issuer.add(`is-${role}`, [role], 'default');
  const page = await open(browser);
  await comeAs(page, broker.address, `is-${role}`, '/');
  await pages(page).waitFor();
  const first = FABRIC.includes(role) ? 'Fabric' : 'VMs';
  await page.getByRole('heading', { level: 1, name: first }).waitFor();
  const wanted = LINKS.filter(([, roles]) => roles.includes(role)).map(([name]) => name);
  const found = await pages(page).getByRole('link').evaluateAll((all) => all.map((link) => link.firstChild.textContent));
  same(found, wanted, `where the navigation leads a ${role}`);
  for (const { page: where, sees, button, may } of deeds(scene)) {
    if (!sees.includes(role)) continue;
    await show(page, broker.address, where);
    const pressed = page.getByRole('button', { name: button, exact: true });
    // Some come with what is read after the page.
    if (may.includes(role)) await pressed.waitFor();
    else same(await pressed.count(), 0, `how often a ${role} sees “${button}” on ${where.path}`);
  }
  same(page.wrong, [], 'what went wrong in the pages');
  for (const [method, path, may] of requests(scene)) {
    const { status, code } = await asThePageWould(page, method, path);
    const refused = status === 401 || status === 403;
    same(refused, !may.includes(role), `${method} ${path} as ${role}, answered ${status} ${code}: that it is refused`);
  }
  if (!FABRIC.includes(role)) {
    await page.goto(`${broker.address}/hosts`);
    await page.getByRole('alert').getByText('forbidden').waitFor();
  }
  await page.context().close();
}

async function asThePageWould(page, method, path) {
  return page.evaluate(
    async ([verb, where]) => {
      const { csrfToken } = await (await fetch('/api/v1/session')).json();
      const headers = { 'X-Memfabric-Csrf': csrfToken, 'Idempotency-Key': crypto.randomUUID(), 'Content-Type': 'application/json' };
      const answer = await fetch(where, { method: verb, headers, ...(verb === 'GET' ? {} : { body: '{}' }) });
      const text = await answer.text();
      return { status: answer.status, code: text === '' ? '' : (JSON.parse(text).code ?? '') };
    },
    [method, path],
  );
}

/** A tenant's own operator sees nothing of another tenant's, whatever address it knows. */
export async function seesOnlyItsTenant(browser, { broker, issuer, scene }) {
  await broker.admin('POST', '/api/v1/tenants', { spec: { name: 'green' } }, { 'Idempotency-Key': 'green' });
  issuer.add('greta', ['tenant-operator'], 'green');
  const page = await open(browser);
  await comeAs(page, broker.address, 'greta', '/vms');
  await page.getByText('No host has told of a VM.').waitFor();
  await page.goto(`${broker.address}/grants/${scene.grants[0]}`);
  await page.getByRole('alert').getByText('not_found').waitFor();
  await page.goto(`${broker.address}/vms/${scene.database.vmId}`);
  await page.getByRole('alert').getByText('not_found').waitFor();
  await page.context().close();
}
