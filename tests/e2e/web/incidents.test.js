// Running clocks and pages: what must be seen at three in the morning.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bot, until } from './support/bot.js';
import { atWork, entry, send } from './support/browser.js';

/** Records each change of an attribute of what `selector` finds first. */
const watch = (page, selector, attribute) =>
  page.evaluate(
    ([css, name]) => {
      const node = document.querySelector(css);
      window.seen = [node.getAttribute(name)];
      new MutationObserver(() => window.seen.push(node.getAttribute(name))).observe(node, { attributeFilter: [name] });
    },
    [selector, attribute],
  );

test('a clock runs by itself through its warnings into its lapse, and is met late', async (t) => {
  const bot = await Bot.start(t, { rate: 150 });
  const { page } = await atWork(t, bot, 'bob');
  await send(page, '新建 P0 网站无法访问');
  const clock = page.locator('.clock[data-clock=response]');
  await clock.waitFor();
  await watch(page, '.clock[data-clock=response]', 'data-level');
  const main = clock.locator('.clock-main');
  assert.match(await main.innerText(), /^剩 [0-5]:\d\d$/);
  const first = await main.innerText();
  await until('the clock to move', async () => (await main.innerText()) !== first);
  await page.locator('.clock[data-clock=response][data-level=over]').waitFor();
  assert.deepEqual(await page.evaluate(() => window.seen), ['calm', 'half', 'close', 'over']);
  assert.match(await main.innerText(), /^超时 \d+:\d\d$/);
  await send(page, '认领');
  await page.locator('.clock[data-clock=response][data-kind=late]').waitFor();
  assert.match(await main.innerText(), /^晚了 \d+:\d\d$/);
  await page.locator('.clock[data-clock=recovery][data-kind=running]').waitFor();
  await page.locator('.clock[data-clock=recovery][data-level=over]').waitFor();
  await send(page, '缓解 重启');
  await page.locator('.clock[data-clock=recovery][data-kind=late]').waitFor();
});

test('a clock met in time says so, a paused one stands still', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob');
  await send(page, '新建 P1 支付变慢');
  await page.locator('.clock[data-clock=response][data-kind=running]').waitFor();
  await send(page, '认领');
  await page.locator('.clock[data-clock=response][data-kind=met]').waitFor();
  await send(page, '暂停计时 等供应商');
  await page.locator('.clock[data-clock=recovery][data-kind=paused]').waitFor();
  await send(page, '继续计时');
  await page.locator('.clock[data-clock=recovery][data-kind=running]').waitFor();
});

test('a page is shown, spoken, counted, and taken from the inbox; others see that it is over', async (t) => {
  const bot = await Bot.start(t);
  const { page: duty } = await atWork(t, bot, 'bob');
  const { page: other } = await atWork(t, bot, 'alice');
  await bot.say('alice', '新建 P0 网站无法访问');
  const called = duty.locator('.page[data-waits=true]');
  await called.waitFor();
  assert.match(await called.innerText(), /P0 INC-1 网站无法访问/);
  assert.match(await duty.locator('#assertive').innerText(), /呼叫:.*P0 INC-1/);
  assert.match(await duty.title(), /^\(1\) 🔴 P0/);
  assert.equal(await duty.locator('#pages-count').innerText(), '1');
  assert.match(await duty.locator('#icon').getAttribute('href'), /favicon-page/);
  assert.equal(await other.locator('.page').count(), 0, 'a page is for its person');
  await called.getByRole('button', { name: /认领/ }).click();
  await until('nothing to wait for', async () => (await called.count()) === 0);
  await other.locator('.incident[data-status=acknowledged]').waitFor();
  assert.doesNotMatch(await duty.title(), /^\(/);
  assert.equal(await duty.locator('.page').count(), 1, 'it stays as what happened');
});

test('on a narrow screen the page stands above the input, one tap away', async (t) => {
  const bot = await Bot.start(t);
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
  const { page } = await atWork(t, bot, 'bob', phone);
  await bot.say('alice', '新建 P0 网站无法访问');
  const bar = page.locator('#page-bar');
  await bar.waitFor();
  const box = await bar.getByRole('button').boundingBox();
  assert.ok(box.height >= 44 && box.width >= 44, `${box.width} x ${box.height}`);
  await bar.getByRole('button').tap();
  await entry(page, 'Bob认领 INC-1');
  await until('the bar to go', async () => !(await bar.isVisible()));
  await page.locator('[data-show=incidents]').tap();
  await page.locator('.incident .act', { hasText: '缓解' }).tap();
  await page.locator('.incident[data-status=mitigated]').waitFor();
});
