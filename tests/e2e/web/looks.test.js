// How it looks, as far as a program can tell: contrast and names by axe, no sideways scrolling, keys, motion.
import assert from 'node:assert/strict';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bot, until } from './support/bot.js';
import { atWork, connected, entry, findings, newBrowser, overflow, send } from './support/browser.js';

const kLooks = [
  ['light, wide', { colorScheme: 'light' }],
  ['dark, wide', { colorScheme: 'dark' }],
  ['light, 360 px', { colorScheme: 'light', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
  ['dark, 360 px', { colorScheme: 'dark', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
];

/** Every state of the page; `check(state, views)` looks at it. */
async function tour(t, language, locale, check) {
  const bot = await Bot.start(t, { edit: (yaml) => yaml.replace(/^locale: .*$/m, `locale: ${language}`) });
  await mkdir(join(bot.folder, 'work/logs'), { recursive: true });
  await appendFile(join(bot.folder, 'work/logs/demo.log'), 'ERROR one\n'.repeat(30));
  const looks = [];
  for (const [look, settings] of kLooks) {
    const { page } = await atWork(t, bot, 'bob', { ...settings, locale });
    looks.push([look, page]);
  }
  const { page: viewer } = await newBrowser(t, { locale });
  await viewer.goto(bot.url);
  await connected(viewer);
  looks.push(['a viewer', viewer]);
  const look = async (state, views = ['channel']) => {
    for (const [name, page] of looks) {
      for (const view of name.includes('360') ? views : ['channel']) {
        if (name.includes('360')) await page.locator(`[data-show=${view}]`).tap();
        await check(page, `${state}, ${name}, ${view}`);
      }
      if (name.includes('360')) await page.locator('[data-show=channel]').tap();
    }
  };
  const all = async (selector) => {
    for (const [, page] of looks) await page.locator(selector).first().waitFor({ state: 'attached' });
  };
  const [, page] = looks[0];
  assert.equal(await page.evaluate(() => document.documentElement.lang), language);
  await look('empty');
  await send(page, '/incident open P0 website down');
  await all('.incident');
  await look('open', ['channel', 'incidents', 'pages']);
  await send(page, '/logs demo');
  await entry(page, 'ERROR');
  await send(page, '/diag system');
  await entry(page, 'CPU');
  await send(page, '/help');
  await entry(page, '/incident open');
  await send(page, '/fix wipe-scratch');
  await entry(page, 'K1');
  await look('logs, a table, a request');
  await send(page, '/ack');
  await all('.incident[data-status=acknowledged]');
  await page.locator('#input').fill('/inc');
  await page.locator('.completion').first().waitFor();
  await look('taken, completing', ['incidents']);
  await bot.kill();
  await all('#status[data-state=lost]');
  await send(page, '/ping while away');
  await entry(page, 'while away');
  await look('lost', ['channel', 'incidents']);
}

test('every state reads well: contrast and names, in both themes, wide and narrow', (t) =>
  tour(t, 'zh-CN', 'zh-CN', async (page, where) => {
    assert.deepEqual(await findings(page), [], where);
    assert.deepEqual(await overflow(page), { by: 0, out: [] }, where);
  }));

test('English words, which are longer, fit as well', (t) =>
  tour(t, 'en', 'en-US', async (page, where) => {
    assert.deepEqual(await findings(page), [], where);
    assert.deepEqual(await overflow(page), { by: 0, out: [] }, where);
  }));

test('a choice of theme and language lasts, against the system’s', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob', { colorScheme: 'dark' });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  assert.equal(await theme(), 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await until('the other theme', async () => (await theme()) === 'light');
  await page.locator('#theme').click();
  await page.locator('#theme').click();
  assert.equal(await theme(), 'dark');
  await page.locator('#language').click();
  assert.equal(await page.locator('#incidents-title').innerText(), 'Open incidents');
  await page.reload();
  await connected(page);
  assert.equal(await theme(), 'dark');
  assert.equal(await page.locator('#incidents-title').innerText(), 'Open incidents');
});

test('all of it by keys alone, with the focus seen', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await newBrowser(t);
  await page.goto(await bot.link('bob'));
  const focused = () =>
    page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return {
        what: document.activeElement.innerText?.trim() || document.activeElement.id,
        seen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
      };
    });
  await page.keyboard.press('Tab');
  assert.deepEqual(await focused(), { what: '是,我是 Bob', seen: true });
  await page.keyboard.press('Enter');
  await connected(page);
  await page.keyboard.press('/');
  await page.keyboard.type('incident open P0 website down');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await page.locator('.page[data-waits=true]').waitFor();
  const walked = [];
  for (let step = 0; step < 40; ++step) {
    await page.keyboard.press('Tab');
    const here = await focused();
    walked.push(here.what);
    assert.equal(here.seen, true, `the focus on "${here.what}" is not seen`);
    const isTake = await page.evaluate(() => document.activeElement.dataset.command === '/incident ack INC-1');
    if (!isTake) continue;
    await page.keyboard.press('Enter');
    await page.locator('.incident[data-status=acknowledged]').waitFor();
    return;
  }
  assert.fail(`no way to the button: ${walked.join(' · ')}`);
});

test('whoever wants no motion gets none', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob', { reducedMotion: 'reduce' });
  await send(page, '/incident open P0 website down');
  await entry(page, 'INC-1');
  await send(page, '/diag');
  await entry(page, 'CPU');
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .filter((each) => each.playState === 'running' && each.effect.getComputedTiming().duration > 0)
      .map((each) => each.animationName ?? each.transitionProperty),
  );
  assert.deepEqual(moving, []);
});
