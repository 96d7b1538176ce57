// Chromium for the tests. Each page is watched: an error of a script, a refused policy, a failed file fails its test.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after } from 'node:test';
import { chromium } from 'playwright-core';

const kFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const kPatience = 20_000;

let launched = null;
after(async () => (await launched)?.close());

const browser = () =>
  (launched ??= chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: kFlags }));

/** A browser of its own, without a past: `{context, page, problems}`; ends with the test and fails it on problems. */
export async function newBrowser(t, options = {}) {
  const context = await (
    await browser()
  ).newContext({ viewport: { width: 1280, height: 800 }, locale: 'zh-CN', colorScheme: 'light', ...options });
  context.setDefaultTimeout(kPatience);
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // What fails while the bot is down is what some tests are about; the page shows it by itself.
    if (/WebSocket connection to|ERR_CONNECTION_REFUSED/.test(message.text())) return;
    if (/\/(login|ack)\//.test(message.location().url)) return; // links that are over answer 404 or 410
    if (['error', 'warning'].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(problems, []);
  });
  return { context, page, problems };
}

/** Follows a personal link and waits until the page is at work. */
export async function logIn(page, link) {
  await page.goto(link);
  await page.locator('form button').click();
  await connected(page);
}

export const connected = (page) => page.locator('#status[data-state=open]').waitFor();

/** A browser in which this person is at work. */
export async function atWork(t, bot, person, options) {
  const made = await newBrowser(t, options);
  await logIn(made.page, await bot.link(person));
  return made;
}

/** Types a line and sends it as a hand would. */
export async function send(page, text) {
  await page.locator('#input').fill(text);
  await page.locator('#input').press('Enter');
}

/** Waits for an entry of the channel that holds `text`. */
export async function entry(page, text) {
  const found = page.locator('.entry', { hasText: text }).last();
  await found.waitFor();
  return found;
}

/** The texts of all entries, in order, one string each. */
export const entries = (page) =>
  page.locator('.entry').evaluateAll((nodes) => nodes.map((node) => node.innerText.replace(/\s+/g, ' ').trim()));

/** Pixels by which the page is wider than its window, and what sticks out. */
export const overflow = (page) =>
  page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll('body *')].filter((node) => {
      const { right, width, left } = node.getBoundingClientRect();
      const scrolls = node.closest('.table, .code-body, .unseen, .skip');
      const shown = width > 0 && !scrolls && getComputedStyle(node).visibility === 'visible';
      return shown && (right > wide + 1 || left < -1);
    });
    return {
      by: document.documentElement.scrollWidth - wide,
      out: out.map((node) => `${node.tagName}.${node.className}`),
    };
  });

let axeSource = null;

/** Serious and critical findings of axe-core, worded for a failing test. */
export async function findings(page) {
  axeSource ??= await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // By the debugger: the policy of the page forbids foreign scripts, as it should.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}
