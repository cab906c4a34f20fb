// Hours of live updates, played faster than they happen: the built pages, with their own code for
// streams, queries and drawing, in a browser whose clock, timers and answers are ours.
//
// What is real: everything in the page. What is played: time passes in steps of three seconds, in which
// whatever is due is asked for; the stream tells of an event for each second; answers are those of the
// real broker, with other figures in each step.
import { holds } from './checks.mjs';

const SECONDS_AN_HOUR = 3_600;
/** The pages keep an hour of figures and the newest 1,000 events: what fills these is no leak. */
const WARM_SECONDS = 1.1 * SECONDS_AN_HOUR;
const MEASURES = 4;
/** How long somebody looks at a page, in the first hour and later. */
const WARM_LOOK_SECONDS = 60;
const LOOK_SECONDS = 300;
const PAGES = ['Hosts', 'VMs', 'Grants', 'Events', 'Fabric'];

/** Runs in the page before anything else of it. */
function takeOver() {
  const realTimeout = globalThis.setTimeout;
  const realClear = globalThis.clearTimeout;
  const realFetch = globalThis.fetch;
  const RealDate = Date;
  const SHORT_MILLIS = 50;
  let now = RealDate.now();
  let nextTimer = 1e9;
  const timers = new Map();
  const kept = new Map();
  let stream = null;
  let lastEvent = null;

  Date.now = () => now;
  const later = (body, millis, every, args) => {
    const id = nextTimer++;
    timers.set(id, { due: now + millis, every, run: () => body(...args) });
    return id;
  };
  // What is due at once is left to the browser.
  globalThis.setTimeout = (body, millis = 0, ...args) =>
    millis < SHORT_MILLIS ? realTimeout(body, millis, ...args) : later(body, millis, 0, args);
  globalThis.setInterval = (body, millis = 0, ...args) => later(body, Math.max(SHORT_MILLIS, millis), Math.max(SHORT_MILLIS, millis), args);
  const clear = (id) => (timers.delete(id) ? undefined : realClear(id));
  globalThis.clearTimeout = clear;
  globalThis.clearInterval = clear;

  /** The same answer with figures of this tick. */
  const vary = (text) => {
    const shift = 2 ** 26 * (Math.floor(now / 1_000) % 64);
    return text.replace(/"(lentBytes|freeBytes|harvestedBytes|availableBytes|usableBytes)":(\d+)/g, (_all, name, bytes) => `"${name}":${Number(bytes) + shift}`);
  };
  globalThis.fetch = async (path, init = {}) => {
    if (init.headers?.Accept === 'text/event-stream') {
      const body = new ReadableStream({ start: (controller) => (stream = controller) });
      return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
    }
    if ((init.method ?? 'GET') !== 'GET') return realFetch(path, init);
    // A span that ends now has another beginning each time.
    const question = path.replace(/\bfrom=[^&]*/, '');
    if (!kept.has(question)) {
      const answer = await realFetch(path, init);
      const text = await answer.text();
      if (!answer.ok) return new Response(text, { status: answer.status });
      kept.set(question, { text, etag: answer.headers.get('ETag') });
      if (path.includes('/events?')) lastEvent = JSON.parse(text).items[0] ?? lastEvent;
    }
    const { text, etag } = kept.get(question);
    return new Response(vary(text), { headers: etag === null ? {} : { ETag: etag } });
  };

  let id = 0;
  const tell = (many) => {
    if (stream === null || lastEvent === null) return;
    let text = '';
    for (let i = 0; i < many; i++) {
      id = Math.max(id, lastEvent.id) + 1;
      const event = { ...lastEvent, id, at: new RealDate(now).toISOString() };
      text += `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    }
    stream.enqueue(new TextEncoder().encode(text));
    globalThis.played.events += many;
  };
  // One turn of the browser's loop, in which answers and drawing get on. A channel is dear to make.
  const channel = new MessageChannel();
  const turns = [];
  channel.port1.onmessage = () => turns.shift()();
  const turn = () =>
    new Promise((done) => {
      turns.push(done);
      channel.port2.postMessage(null);
    });
  globalThis.played = { seconds: 0, events: 0 };
  /** Lets seconds pass, but not beyond a time by the real clock. Every step ends with the page at rest, and every minute with a frame drawn. */
  globalThis.playSeconds = async (seconds, end) => {
    const STEP = 3;
    for (let i = 0; i < seconds; i += STEP) {
      now += STEP * 1_000;
      globalThis.played.seconds += STEP;
      tell(STEP);
      for (const [key, timer] of [...timers].filter(([, each]) => each.due <= now)) {
        if (timer.every > 0) timer.due = now + timer.every;
        else timers.delete(key);
        timer.run();
      }
      for (let pause = 0; pause < 3; pause++) await turn();
      if (i % 60 === 0) {
        await new Promise((drawn) => requestAnimationFrame(drawn));
        if (performance.timeOrigin + performance.now() > end) return;
      }
    }
  };
}

async function usedBytes(client) {
  await client.send('HeapProfiler.collectGarbage');
  await client.send('HeapProfiler.collectGarbage');
  return (await client.send('Runtime.getHeapUsage')).usedSize;
}

/**
 * By which share the heap of a page grows in so many hours of updates, after the first one; each
 * measure after a forced collection. Somebody looks at another page every five minutes, in the first hour
 * every minute: what every page needs once, compiled code above all, is there before the first measure.
 * A machine that is too slow plays what it can in the seconds of patience, and the answer says how many
 * seconds of updates that were.
 */
export async function growthInHours(browser, page, { broker }, hours, patienceSeconds) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, storageState: await page.context().storageState() });
  const played = await context.newPage();
  const wrong = [];
  played.on('pageerror', (error) => wrong.push(error.message));
  await played.addInitScript(takeOver);
  await played.goto(broker.address);
  await played.locator('.tile .number').first().waitFor();
  await played.locator('.pulse.live').or(played.locator('.pulse.connecting')).waitFor();
  const client = await context.newCDPSession(played);
  let looked = 0;
  const started = Date.now();
  const end = started + patienceSeconds * 1_000;
  const play = (seconds) => played.evaluate(([some, by]) => globalThis.playSeconds(some, by), [seconds, end]);
  const pass = async (seconds, lookSeconds) => {
    for (let left = seconds; left > 0 && Date.now() < end; left -= lookSeconds) {
      await play(Math.min(lookSeconds, left));
      await played.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: PAGES[looked++ % PAGES.length] }).click();
    }
    await played.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Fabric' }).click();
    await play(90);
    return usedBytes(client);
  };
  const before = await pass(WARM_SECONDS, WARM_LOOK_SECONDS);
  const after = [];
  for (let i = 0; i < MEASURES; i++) after.push(await pass((hours * SECONDS_AN_HOUR) / MEASURES, LOOK_SECONDS));
  const { seconds, events } = await played.evaluate(() => globalThis.played);
  await played.locator('.pulse.live').waitFor();
  const newest = await played.evaluate(() => document.querySelectorAll('.events li').length);
  holds(events > 0.9 * seconds && newest > 0, `only ${events} events in ${seconds} s came to the page`);
  holds(wrong.length === 0, `the page failed: ${wrong[0]}`);
  await context.close();
  return { growth: (after[MEASURES - 1] - before) / before, before, after, seconds, took: (Date.now() - started) / 1_000 };
}
