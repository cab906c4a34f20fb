// How fast the pages are, and whether they grow.

const CHARTS = /\/assets\/(plot|heat|tree|charts)-/;

async function signedInContext(browser, page) {
  return browser.newContext({ viewport: { width: 1440, height: 900 }, storageState: await page.context().storageState() });
}

/** Bytes over the wire of the document, scripts and styles of the first page, without charts. */
export async function firstLoad(browser, page, address) {
  const context = await signedInContext(browser, page);
  const fresh = await context.newPage();
  const client = await context.newCDPSession(fresh);
  await client.send('Network.enable');
  const urls = new Map();
  let bytes = 0;
  client.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, new URL(response.url).pathname));
  client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const path = urls.get(requestId) ?? '';
    if (!path.startsWith('/api/') && !CHARTS.test(path)) bytes += encodedDataLength;
  });
  await fresh.goto(address);
  await fresh.locator('.tile .number').first().waitFor();
  await fresh.waitForTimeout(500);
  await context.close();
  return bytes;
}

/** Milliseconds until the first figures of the fabric are on the screen, each time with an empty cache. */
export async function firstPaints(browser, page, address, rounds) {
  const times = [];
  for (let i = 0; i < rounds; i++) {
    const context = await signedInContext(browser, page);
    const fresh = await context.newPage();
    await fresh.addInitScript(() => {
      const look = () => {
        if (document.querySelector('.tile .number') === null) requestAnimationFrame(look);
        else requestAnimationFrame(() => (globalThis.painted = performance.now()));
      };
      requestAnimationFrame(look);
    });
    await fresh.goto(address);
    await fresh.waitForFunction(() => globalThis.painted !== undefined);
    times.push(await fresh.evaluate(() => globalThis.painted));
    await context.close();
  }
  return times;
}

/** By which share the heap grows under changes, after what the first of them brought. */
export async function heapGrowth(page, { broker, scene }, seconds) {
  await page.goto(broker.address);
  await page.locator('.tile .number').first().waitFor();
  const client = await page.context().newCDPSession(page);
  const used = async () => {
    await client.send('HeapProfiler.collectGarbage');
    await client.send('HeapProfiler.collectGarbage');
    return (await client.send('Runtime.getHeapUsage')).usedSize;
  };
  let limit = 2 ** 34;
  const change = async (until) => {
    while (Date.now() < until) {
      limit += 2 ** 26;
      await scene.north.order({ lendLimitBytes: limit });
      await new Promise((wake) => setTimeout(wake, 100));
    }
  };
  // The pages keep the newest 1,000 events and an hour of figures: what fills these is no leak.
  await change(Date.now() + (seconds / 3) * 1_000);
  const before = await used();
  await change(Date.now() + seconds * 1_000);
  const after = await used();
  await client.detach();
  return (after - before) / before;
}
