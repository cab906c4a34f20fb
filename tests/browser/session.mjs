// A browser, and people in it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

export function launch() {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS.split(' ') });
}

/** A page that remembers what went wrong in it. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.wrong = [];
  page.on('pageerror', (error) => page.wrong.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    // The browser itself reports every refused request; what is refused is checked where it is meant.
    if (!message.text().startsWith('Failed to load resource')) page.wrong.push(message.text());
  });
  return page;
}

export async function signIn(page, address, password, path = '/', name = 'admin') {
  await page.goto(address + path);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  // A password takes a processor for a while, on purpose.
  await page.getByRole('navigation', { name: 'Pages' }).waitFor({ timeout: 30_000 });
}

/** What axe finds wrong with what is on the page. */
export async function axe(page) {
  // The browser forbids inline scripts in the page; this runs beside it.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`).slice(0, 3).join(' | ')}`);
}

export async function chooseTheme(page, name) {
  await page.getByRole('button', { name, exact: true }).click();
}
