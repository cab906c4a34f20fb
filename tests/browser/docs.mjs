// The contract as a page of the broker: under its own strict policy, with nothing from anywhere else, and an operation
// can be tried in it.
import { holds, same } from './checks.mjs';
import { open } from './session.mjs';
import { until } from './stage.mjs';

export async function triesAnOperation(browser, { broker, scene }) {
  const page = await open(browser);
  try {
    const elsewhere = [];
    await page.route(
      (url) => url.origin !== broker.address && url.protocol !== 'data:',
      (route) => {
        elsewhere.push(route.request().url());
        return route.abort();
      },
    );
    const answer = await page.goto(`${broker.address}/docs`);
    const policy = answer.headers()['content-security-policy'];
    holds(/script-src 'self';/.test(policy) && /connect-src 'self';/.test(policy), `the policy is ${policy}`);
    await showsEveryOperation(page, broker);
    same(await tries(page), 401, 'the answer without a token');
    await authorizes(page, broker.token);
    same(await tries(page), 200, 'the answer with a token');
    const body = await page.locator('#operations-hosts-listHosts .live-responses-table tbody .response-col_description').innerText();
    holds(body.includes(`"${scene.north.name}"`), `the answer does not name ${scene.north.name}: ${body.slice(0, 400)}`);
    same(elsewhere, [], 'what was asked for elsewhere');
    same(page.wrong, [], 'what went wrong in the page');
  } finally {
    await page.context().close();
  }
}

/** Opens every tag; what is shown is what the document has. */
async function showsEveryOperation(page, broker) {
  const document = await (await fetch(`${broker.address}/docs/broker.yaml`)).text();
  const wanted = document.match(/^ {6}operationId: /gm).length;
  await page.locator('.opblock-tag').first().waitFor({ timeout: 30_000 });
  const closed = page.locator('.opblock-tag[data-is-open="false"]');
  for (let left = await closed.count(); left > 0; left--) await closed.first().click();
  await until(`${wanted} operations are shown`, async () => (await page.locator('.opblock').count()) === wanted);
}

/** Lists the hosts; answers the status that the page shows. */
async function tries(page) {
  const operation = page.locator('#operations-hosts-listHosts');
  if (!(await operation.locator('.opblock-body').isVisible())) {
    await operation.locator('.opblock-summary-control').click();
    await operation.getByRole('button', { name: 'Try it out' }).click();
  }
  const told = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/v1/hosts');
  await operation.getByRole('button', { name: 'Execute' }).click();
  const status = (await told).status();
  await operation.locator('.live-responses-table .response-col_status', { hasText: String(status) }).waitFor();
  return status;
}

async function authorizes(page, token) {
  await page.locator('.auth-wrapper > .authorize').click();
  const dialog = page.locator('.dialog-ux');
  await dialog.locator('#auth-bearer-value').first().fill(token);
  await dialog.getByRole('button', { name: 'Apply credentials' }).first().click();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
}
