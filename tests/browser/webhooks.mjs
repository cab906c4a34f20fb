// Somebody outside is told of events: made, seen to deliver, stopped, let go on and ended in Settings.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { holds, same } from './checks.mjs';
import { show } from './pages.mjs';
import { until } from './stage.mjs';

/** Takes what is posted to it, or refuses it where it is told to. */
class Receiver {
  posts = [];
  status = 200;

  static async start() {
    const receiver = new Receiver();
    receiver.server = createServer(async (request, response) => {
      let body = '';
      for await (const piece of request.setEncoding('utf8')) body += piece;
      if (receiver.status < 300) receiver.posts.push({ headers: request.headers, body });
      response.writeHead(receiver.status).end();
    });
    await new Promise((listening) => receiver.server.listen(0, '127.0.0.1', listening));
    receiver.host = `127.0.0.1:${receiver.server.address().port}`;
    return receiver;
  }

  types() {
    return this.posts.map(({ body }) => JSON.parse(body).type.replace(/^.*\./, ''));
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

export async function tellsSomebodyOutside(page, { broker, scene }) {
  const receiver = await Receiver.start();
  try {
    await makesOne(page, broker, receiver);
    await stopsItAndLetsItGoOn(page, scene, receiver);
    await endsIt(page, receiver);
  } finally {
    await receiver.close();
  }
}

const dialog = (page) => page.getByRole('dialog');
const row = (page, { host }) => page.getByRole('row', { name: new RegExp(host.replaceAll('.', '\\.')) });
const happens = (scene) => scene.busy.order({ lendLimitBytes: 2 ** 30 * (10 + Math.floor(Math.random() * 1e4)) });

async function makesOne(page, broker, receiver) {
  await show(page, broker.address, { path: '/settings', heading: 'Settings', ready: 'Webhooks' });
  await page.getByText('Nobody is told of events.').waitFor();
  await page.getByRole('button', { name: 'New webhook' }).click();
  const make = dialog(page).getByRole('button', { name: 'Make it' });
  for (const bad of ['somewhere', 'ftp://example.org/', 'https://me:secret@example.org/']) {
    await dialog(page).getByLabel('Address').fill(bad);
    holds(await make.isDisabled(), `a webhook to ${bad} can be made`);
  }
  await dialog(page).getByLabel('Address').fill(`http://${receiver.host}/events`);
  await dialog(page).getByLabel('Only these events').fill('Not A Type');
  holds(await make.isDisabled(), 'a type "Not A Type" can be sent');
  await dialog(page).getByLabel('Only these events').fill('host_changed');
  await make.click();
  receiver.secret = (await dialog(page).locator('pre').innerText()).trim();
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  holds(!(await page.content()).includes(receiver.secret), 'the secret is on the page still');
  await row(page, receiver).getByText('Delivers').waitFor();
}

async function stopsItAndLetsItGoOn(page, scene, receiver) {
  await happens(scene);
  await until('an event arrived', async () => receiver.posts.length > 0);
  const [{ headers, body }] = receiver.posts;
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  same(headers['webhook-signature'], `v1,${createHmac('sha256', receiver.secret).update(signed).digest('base64')}`, 'the signature');

  receiver.status = 503;
  await happens(scene);
  await row(page, receiver).getByText('Failing').waitFor({ timeout: 20_000 });
  await row(page, receiver).getByText('It answered 503.').waitFor();

  await row(page, receiver).getByRole('button', { name: 'Stop' }).click();
  await dialog(page).getByRole('button', { name: 'Stop it' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  await row(page, receiver).getByText('Stopped').waitFor();
  receiver.status = 200;
  const before = receiver.posts.length;
  await happens(scene);
  await row(page, receiver).getByRole('button', { name: 'Go on' }).click();
  await dialog(page).getByRole('button', { name: 'Let it go on' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  await until('what happened meanwhile arrived', async () => receiver.posts.length >= before + 2);
  same([...new Set(receiver.types())], ['host_changed'], 'the types of what arrived');
  await row(page, receiver).getByText('Delivers').waitFor({ timeout: 20_000 });
}

async function endsIt(page, receiver) {
  await row(page, receiver).getByRole('button', { name: 'End' }).click();
  const end = dialog(page).getByRole('button', { name: 'End it' });
  holds(await end.isDisabled(), 'a webhook ends with nothing typed');
  await dialog(page).getByRole('textbox').fill(receiver.host);
  await end.click();
  await page.getByText('Nobody is told of events.').waitFor();
}
