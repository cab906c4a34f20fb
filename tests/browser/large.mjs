// Very many hosts in the table.
import { holds } from './checks.mjs';
import { open } from './session.mjs';

/**
 * Lets the broker's own answer for its hosts have very many of them: each is the one that the broker
 * told of, under another name. What is measured is the page; to enroll so many would take minutes.
 */
export async function pretendMany(page, { broker }, count) {
  const { body } = await broker.admin('GET', '/api/v1/hosts?pageSize=1');
  const [real] = body.items;
  const hosts = Array.from({ length: count }, (_, i) => ({
    ...real,
    id: `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`,
    status: {
      ...real.status,
      name: `rack-${String(Math.floor(i / 40)).padStart(3, '0')}-${String(i % 40).padStart(2, '0')}`,
      reachable: i % 50 !== 0,
      lentBytes: (i % 48) * 2 ** 30,
    },
  }));
  await page.route(/\/api\/v1\/hosts\?/, (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('pageToken') ?? 0);
    const next = from + 200;
    return route.fulfill({ json: { items: hosts.slice(from, next), nextPageToken: next < count ? String(next) : null } });
  });
}

/** Milliseconds from a typed letter to the frame that shows its answer. */
export async function filterTimes(page) {
  const times = [];
  for (const wanted of ['rack-1', 'rack-12', 'rack-123', '-07', 'silent']) {
    times.push(
      await page.evaluate(async (text) => {
        const input = document.querySelector('input[type=search]');
        const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
        const rows = () => document.querySelector('table.data')?.getAttribute('aria-rowcount');
        const before = rows();
        const started = performance.now();
        set.call(input, text);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        while (rows() === before && performance.now() - started < 5_000) await new Promise((r) => requestAnimationFrame(r));
        return performance.now() - started;
      }, wanted),
    );
    await page.waitForTimeout(300);
  }
  await page.getByLabel('Filter hosts').fill('');
  return times;
}

/** Pauses between frames while the table scrolls, 400 pixels in each of 120 frames; the longest first. */
export async function framePauses(page) {
  const scroller = page.locator('.table-scroll');
  holds((await scroller.count()) === 1, 'no table to scroll');
  return scroller.evaluate(async (element) => {
    const frame = () => new Promise((r) => requestAnimationFrame(r));
    element.scrollTop = 0;
    const pauses = [];
    let top = 0;
    await frame();
    let last = await frame();
    for (let i = 0; i < 120; i++) {
      // Nothing is read from the page, which would make it lay out twice.
      element.scrollTop = top += 400;
      const now = await frame();
      pauses.push(now - last);
      last = now;
    }
    return pauses.sort((a, b) => b - a);
  });
}

/** As many plain lines, with no script and no table: what scrolling costs this browser by itself. */
export async function showPlainRows(browser, count) {
  const plain = await open(browser);
  const lines = Array.from({ length: count }, (_, i) => `<p style="height:30px;margin:0">rack-${i} HARVEST 64 GiB 30 GiB 4 GiB</p>`);
  await plain.setContent(`<div class="table-scroll" style="height:520px;overflow:auto">${lines.join('')}</div>`);
  return plain;
}
