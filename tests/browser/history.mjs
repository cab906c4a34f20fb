// What the broker wrote down, as the pages show it: of the fabric, and of a host.
import { holds, same } from './checks.mjs';
import { show } from './pages.mjs';
import { until } from './stage.mjs';

const SPANS = [
  ['1 h', 3_600],
  ['24 h', 86_400],
  ['7 d', 604_800],
];

/** The nearest point's own time and bytes are in the legend. */
async function saysWhatIsUnderThePointer(panel) {
  const said = panel.locator('.series .legend');
  same(await said.locator('time').count(), 0, 'times in the legend of a series that nobody points at');
  await panel.locator('.u-over').hover();
  await said.locator('time').waitFor();
  const bytes = await said.locator('li', { hasText: 'Reclaimed' }).locator('.number').getAttribute('title');
  holds(/^[\d,]+ bytes$/.test(bytes), `the bytes under the pointer are ${bytes}`);
}

async function looksBack(page, broker, where, region, query) {
  const newest = async () => (await broker.admin('GET', `/api/v1/capacity/history${query}`)).body.points.at(-1);
  await until('a minute is written down', async () => (await newest()) !== undefined, 150_000);
  // The last hour may be asked for with the page, before anybody wants to see it.
  const answers = [];
  const hear = (answer) => answers.push(answer);
  page.on('response', hear);
  await show(page, broker.address, where);
  const panel = page.getByRole('region', { name: region, exact: true });
  const hostId = new URLSearchParams(query).get('hostId');
  for (const [name, seconds] of SPANS) {
    await panel.getByRole('button', { name, exact: true }).click();
    const fits = (heard) => {
      const { pathname, searchParams: asked } = new URL(heard.url());
      const back = (Date.now() - Date.parse(asked.get('from'))) / 1_000;
      return pathname.endsWith('/capacity/history') && Math.abs(back - seconds) < 60 && asked.get('hostId') === hostId;
    };
    let answer;
    await until(`the last ${seconds} s are asked for`, async () => (answer = answers.findLast(fits)) !== undefined);
    const { harvestedBytes } = (await answer.json()).points.at(-1);
    const series = panel.getByRole('img', { name: new RegExp(`, ${name.replace(' ', '')}; last`) });
    const shown = async () => {
      const said = /last: Reclaimed ([\d.,]+) GiB/.exec(await series.getAttribute('aria-label'));
      return Number(said?.[1].replaceAll(',', '')) * 2 ** 30;
    };
    await until(`${harvestedBytes} bytes are shown`, async () => Math.abs((await shown()) - harvestedBytes) <= 0.01 * harvestedBytes);
    await until('a line is drawn', async () => (await series.locator('canvas').count()) === 1);
  }
  page.off('response', hear);
  await saysWhatIsUnderThePointer(panel);
  await panel.getByRole('button', { name: 'Live', exact: true }).click();
}

export async function looksBackInTime(page, { broker, scene }) {
  await looksBack(page, broker, { path: '/', heading: 'Fabric', ready: 'Memory over time' }, 'Memory over time', '');
  const host = { path: `/hosts/${scene.north.id}`, heading: scene.north.name, ready: 'Memory' };
  await looksBack(page, broker, host, 'Memory', `?hostId=${scene.north.id}`);
  await looksBackAtAVm(page, broker, scene.database);
}

async function looksBackAtAVm(page, broker, vm) {
  await show(page, broker.address, { path: `/vms/${vm.vmId}`, heading: vm.name, ready: 'Balloon' });
  const panel = page.getByRole('region', { name: 'Balloon', exact: true });
  const told = page.waitForResponse(/\/history$/);
  await panel.getByRole('button', { name: '1 h', exact: true }).click();
  const { balloonBytes } = (await (await told).json()).points.at(-1);
  const memory = panel.getByRole('img', { name: /^Memory of the VM in the last hour; last: Has/ });
  const said = /Has ([\d.,]+) GiB/.exec(await memory.getAttribute('aria-label'));
  holds(Math.abs(Number(said[1]) * 2 ** 30 - balloonBytes) <= 0.01 * balloonBytes, `it had ${balloonBytes} bytes, and ${said[0]} is shown`);
  for (const name of [/^Pressure in the last hour; last: Pressure [\d.,]+ %/, /^Refaults in the last hour; last: Refaults [\d.,]+ per s/]) {
    await panel.getByRole('img', { name }).locator('canvas').waitFor();
  }
}
