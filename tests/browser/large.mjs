// Very many hosts in the table.
import { holds } from './checks.mjs';

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

/** The longest pause between two frames while the table scrolls from end to end. */
export async function longestFrame(page) {
  const scroller = page.locator('.table-scroll');
  holds((await scroller.count()) === 1, 'no table to scroll');
  return scroller.evaluate(async (element) => {
    let longest = 0;
    let last = await new Promise((r) => requestAnimationFrame(r));
    for (let i = 0; i < 120; i++) {
      element.scrollTop += 400;
      const now = await new Promise((r) => requestAnimationFrame(r));
      longest = Math.max(longest, now - last);
      last = now;
    }
    return longest;
  });
}
