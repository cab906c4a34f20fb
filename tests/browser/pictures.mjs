// Pictures of the fabric and of its hosts, the ways between hosts, and what a table shows.
import { holds, same } from './checks.mjs';
import { show } from './pages.mjs';
import { until } from './stage.mjs';

/** How many colours are drawn on a canvas: one is an empty picture. */
const coloursOf = (canvas) =>
  canvas.evaluate((element) => {
    const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height);
    const found = new Set();
    for (let i = 0; i < data.length; i += 4 * 97) found.add(`${data[i]},${data[i + 1]},${data[i + 2]},${data[i + 3]}`);
    return found.size;
  });

export async function showsThePictures(page, { broker, scene }) {
  await show(page, broker.address, { path: '/', heading: 'Fabric', ready: 'Where memory flows' });
  const flows = page.getByRole('region', { name: 'Where memory flows' });
  const said = await flows.getByRole('img').getAttribute('aria-label');
  holds(/lends .* to hv-05/.test(said), `the flows say ${said}`);
  await flows.getByRole('button', { name: 'Areas' }).click();
  same(await flows.getByRole('img').getAttribute('aria-label'), said, 'what the areas say');
  await until('the areas are drawn', async () => (await coloursOf(flows.locator('canvas').first())) > 3);

  await show(page, broker.address, { path: '/hosts', heading: 'Hosts', ready: 'All hosts' });
  const hosts = page.getByRole('region', { name: 'How much each host lends' });
  await until('the cells are drawn', async () => (await coloursOf(hosts.locator('canvas').first())) > 2);
  await hosts.getByRole('button', { name: 'Areas' }).click();
  await hosts.getByRole('img', { name: /^Treemap of \d+ hosts/ }).waitFor();
  await until('the areas are drawn', async () => (await coloursOf(hosts.locator('canvas').first())) > 3);

  await choosesColumns(page);
  await sortsAndFilters(page);
  await showsRoundTrips(page, broker, scene);
}

async function choosesColumns(page) {
  const heads = () => page.locator('table.data thead th').allInnerTexts();
  holds(!(await heads()).some((head) => head.includes('Agent')), 'every column is shown at first');
  await page.getByText('Columns', { exact: true }).click();
  await page.getByRole('checkbox', { name: 'Agent' }).check();
  holds((await heads()).some((head) => head.includes('Agent')), 'a column that was chosen is not shown');
  await page.reload();
  await page.getByRole('region', { name: 'All hosts' }).waitFor();
  await page.locator('table.data tbody tr').first().waitFor();
  holds((await heads()).some((head) => head.includes('Agent')), 'the choice of columns is forgotten');
  await page.getByText('Columns', { exact: true }).click();
  await page.getByRole('checkbox', { name: 'Agent' }).uncheck();
}

async function sortsAndFilters(page) {
  const names = () => page.locator('table.data tbody tr:not(.gap) td:first-child').allInnerTexts();
  const before = await names();
  same(before, [...before].sort(), 'the order at first');
  await page.getByRole('button', { name: 'Host', exact: true }).click();
  await page.waitForURL(/sort=-name/);
  same(await names(), [...before].reverse(), 'the other order');
  await page.getByLabel('Filter hosts').fill('hv-03');
  await page.waitForURL(/q=hv-03/);
  same(await names(), ['hv-03'], 'what a filter leaves');
  await page.reload();
  await page.locator('table.data tbody tr').first().waitFor();
  same(await names(), ['hv-03'], 'what its address shows');
}

async function showsRoundTrips(page, broker, scene) {
  await show(page, broker.address, { path: `/hosts/${scene.busy.id}`, heading: scene.busy.name, ready: 'Measured round trips' });
  const rows = page.getByRole('table', { name: 'Round trips to lenders' }).locator('tbody tr');
  const { roundTrips } = (await broker.admin('GET', `/api/v1/hosts/${scene.busy.id}`)).body.status;
  same(await rows.count(), roundTrips.length, 'how many ways are shown');
  const first = await rows.first().innerText();
  holds(/hv-01\s+RDMA\s+11 µs\s+15 µs\s+60 µs/.test(first), `the nearest lender is shown as ${first}`);
}
