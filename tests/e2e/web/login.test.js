// Who somebody is: a personal link works once, in one browser, and lasts; everybody else only looks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bot } from './support/bot.js';
import { atWork, connected, entry, newBrowser, send } from './support/browser.js';

test('the link printed at the start asks once more, works once, and says so the second time', async (t) => {
  const bot = await Bot.start(t);
  const link = await bot.printedLink('Alice');
  const { page } = await newBrowser(t);
  for (let look = 0; look < 3; ++look) {
    const { status } = { status: (await page.goto(link)).status() };
    assert.equal(status, 200);
    assert.match(await page.locator('h1').innerText(), /以 Alice 的身份使用这个浏览器/);
  }
  assert.deepEqual(await page.context().cookies(), [], 'looking makes nobody anybody');
  await page.locator('form button').click();
  await connected(page);
  assert.equal(await page.locator('#person').innerText(), 'Alice');

  const [cookie] = await page.context().cookies();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, 'Strict');
  assert.equal(cookie.path, '/');
  assert.equal(await page.evaluate(() => document.cookie), '');

  const { page: other } = await newBrowser(t);
  const again = await other.goto(link);
  assert.equal(again.status(), 404);
  assert.match(await other.locator('h1').innerText(), /不认识这个链接/);
  assert.equal(await other.locator('form').count(), 0);
  await other.getByRole('link', { name: '只读看频道' }).click();
  await connected(other);
  assert.equal(await other.locator('#viewer').isVisible(), true);
});

test('of two who press at once one gets in', async (t) => {
  const bot = await Bot.start(t);
  const link = await bot.link('bob');
  const post = () => fetch(link, { method: 'POST', headers: { origin: bot.url }, redirect: 'manual' });
  const answers = await Promise.all([post(), post(), post(), post()]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 404, 404, 404]);
});

test('a link ends after a day, a session outlives the bot but not its two weeks', async (t) => {
  const bot = await Bot.start(t);
  const link = await bot.link('alice');
  const { page } = await atWork(t, bot, 'bob');
  await page.reload();
  await connected(page);
  assert.equal(await page.locator('#person').innerText(), 'Bob');

  await bot.kill();
  bot.clock = bot.clock.replace('2026-11-23', '2026-11-25');
  await bot.run();
  await page.reload();
  await connected(page);
  assert.equal(await page.locator('#person').innerText(), 'Bob');

  const { page: late } = await newBrowser(t);
  assert.equal((await late.goto(link)).status(), 410);
  assert.match(await late.locator('main').innerText(), /链接已失效[^]*11-24 11:1\d 到期[^]*\/whoami link/);
  const posted = await fetch(link, { method: 'POST', headers: { origin: bot.url }, redirect: 'manual' });
  assert.deepEqual([posted.status, posted.headers.get('set-cookie')], [410, null]);

  await bot.stop();
  bot.clock = bot.clock.replace('2026-11-25', '2026-12-08');
  await bot.run();
  await page.reload();
  await connected(page);
  assert.equal(await page.locator('#viewer').isVisible(), true);
});

test('a viewer sees what is public, and runs nothing by any way', async (t) => {
  const bot = await Bot.start(t);
  await bot.say('alice', '新建 P1 支付变慢');
  await bot.say('alice', '新建 P0 密钥泄露');
  await bot.say('alice', '保密 INC-2');
  const { page } = await newBrowser(t);
  await page.goto(bot.url);
  await connected(page);
  await entry(page, '支付变慢');
  await page.locator('.incident', { hasText: '支付变慢' }).waitFor();
  assert.equal(await page.locator('.incident').count(), 1);
  assert.equal(await page.locator('#input').isDisabled(), true);
  assert.match(await page.locator('#composer-note').innerText(), /只读[^]*\/whoami link/);
  assert.equal(await page.locator('.act:not([aria-disabled=true])').count(), 0);
  assert.equal(await page.locator('.page').count(), 0);

  // Past the page: the socket itself.
  const answer = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/ws`);
        socket.onopen = () => {
          socket.send(JSON.stringify({ type: 'hello', since: 0, log: '' }));
          socket.send(JSON.stringify({ type: 'command', id: 'x1', text: '/incident open P0 by nobody' }));
        };
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(data);
          if (message.type === 'result') resolve(message.state);
        };
      }),
  );
  assert.equal(answer, 'refused');
  assert.equal((await bot.sql('SELECT count(*) AS n FROM incidents'))[0].n, 2);

  const { page: forged } = await newBrowser(t);
  await forged.context().addCookies([{ name: 'tocsin_session', value: 'f'.repeat(32), url: bot.url }]);
  await forged.goto(bot.url);
  await connected(forged);
  assert.equal(await forged.locator('#viewer').isVisible(), true);
});

test('one person in two browsers sees the same, and is one person', async (t) => {
  const bot = await Bot.start(t);
  const { page: desk } = await atWork(t, bot, 'alice');
  const { page: phone } = await atWork(t, bot, 'alice', { viewport: { width: 360, height: 740 } });
  await send(desk, '/whoami');
  const answer = (await (await entry(desk, '这次用的账号')).innerText()).replace(/\s+/g, ' ');
  await entry(phone, '/whoami');
  assert.match(answer, /Alice/);
});
