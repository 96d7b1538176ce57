// The link in a page: looking at it changes nothing, one tap takes the incident, once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bot, startMail, until } from './support/bot.js';
import { findings, newBrowser, overflow } from './support/browser.js';
import { request } from './support/raw.js';

async function paged(t, options = {}) {
  const mail = await startMail(t);
  const bot = await Bot.start(t, { manual: true, mailPort: mail.port, ...options });
  await bot.say('lead', '新建 P0 网站无法访问');
  const letters = await until('a mail', async () => {
    const all = await mail.mails();
    return all.length > 0 && all;
  });
  return { bot, mail, link: linkIn(letters[0]) };
}

const linkIn = ({ body }) => body.match(/http:\S+\/ack\/[0-9a-f-]+/)[0];
const state = async (bot) =>
  (await bot.sql('SELECT status, acknowledged_by, response_met_at FROM incidents WHERE id = 1'))[0];

test('a mail scanner acknowledges nothing, a tap does, a second one says who has it', async (t) => {
  const { bot, link } = await paged(t);
  const path = new URL(link).pathname;
  const headers = { Host: `127.0.0.1:${bot.publicPort}` };
  const before = await state(bot);
  for (let look = 0; look < 10; ++look) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await request(bot.publicPort, { method, path, headers });
      assert.equal(answer.status, 200);
      if (method === 'HEAD') assert.equal(answer.body, '');
    }
    // What scanners and previews add.
    for (const more of ['?utm_source=mail', '?confirm=1', '?method=POST', '?_method=post']) {
      const answer = await request(bot.publicPort, {
        path: path + more,
        headers: { ...headers, Purpose: 'prefetch', 'X-HTTP-Method-Override': 'POST' },
      });
      assert.equal(answer.status, 200);
    }
  }
  for (const origin of [undefined, 'null', 'http://mail.example']) {
    const answer = await request(bot.publicPort, {
      method: 'POST',
      path,
      headers: { ...headers, 'Content-Length': '0', ...(origin && { Origin: origin }) },
    });
    assert.equal(answer.status, 403, `posted from ${origin}`);
  }
  assert.deepEqual(await state(bot), before);

  const { page } = await newBrowser(t, { viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
  await page.goto(link);
  assert.match(await page.locator('main').innerText(), /P0 INC-1 网站无法访问[^]*运维工程师,你来处理/);
  assert.equal(await page.locator('button').count(), 1);
  await page.locator('button').click();
  assert.match(await page.locator('h1').innerText(), /运维工程师 11:1\d 认领了 INC-1/);
  const after = await state(bot);
  assert.equal(after.acknowledged_by, 'devops');
  assert.notEqual(after.response_met_at, null);

  await page.goto(link);
  assert.equal(await page.locator('form').count(), 0);
  assert.match(await page.locator('h1').innerText(), /运维工程师 11:1\d 认领了 INC-1/);
  const again = await fetch(link, { method: 'POST', headers: { origin: bot.publicUrl } });
  assert.doesNotMatch(await again.text(), /<form/);
  assert.deepEqual(await state(bot), after);
  const audit = await bot.sql("SELECT outcome FROM audit WHERE place = 'link'");
  assert.deepEqual(audit, [{ outcome: 'done' }], 'one tap, one row');
});

test('the link of somebody else says who was faster', async (t) => {
  const { bot, mail, link } = await paged(t, { rate: 60 });
  const second = await until('the mail to the lead', async () =>
    (await mail.mails()).find(({ to }) => to.includes('tech-lead@lawsker.com')),
  );
  assert.notEqual(linkIn(second), link);
  await fetch(link, { method: 'POST', headers: { origin: bot.publicUrl } });
  const { page } = await newBrowser(t);
  await page.goto(linkIn(second));
  assert.match(await page.locator('main').innerText(), /INC-1 已由 运维工程师 在 11:\d\d 认领[^]*不用起来。什么都没变/);
});

test('a wrong, cut or foreign token gets one and the same answer', async (t) => {
  const { bot, link } = await paged(t);
  const token = link.split('/').at(-1);
  const [number, signature] = token.split('-');
  const wrong = [
    token.slice(0, -1),
    `${token}0`,
    `${number}-${signature.replace(/.$/, (last) => (last === '0' ? '1' : '0'))}`,
    `${Number(number) + 1}-${signature}`,
    `${number}-`,
    `${number}-${signature.toUpperCase()}x`,
    `0-${signature}`,
    `-1-${signature}`,
    `99999999999999999999-${signature}`,
    '',
    'x',
    `${number}%2D${signature}/..`,
    `${token}/`,
    '%00',
  ];
  const seen = new Set();
  for (const each of wrong) {
    for (const method of ['GET', 'POST']) {
      const answer = await request(bot.publicPort, {
        method,
        path: `/ack/${each}`,
        headers: { Host: `127.0.0.1:${bot.publicPort}`, Origin: bot.publicUrl, 'Content-Length': '0' },
      });
      if (each === '%00') {
        assert.ok(answer.status === 400 || answer.status === 404);
        continue;
      }
      assert.equal(answer.status, 404, each);
      seen.add(JSON.stringify([answer.headers, answer.body]));
    }
  }
  assert.equal(seen.size, 1, [...seen].join('\n'));
  assert.equal((await state(bot)).response_met_at, null);
});

test('no link in a mail while there is no public address', async (t) => {
  const mail = await startMail(t);
  const bot = await Bot.start(t, {
    manual: true,
    mailPort: mail.port,
    edit: (yaml) => yaml.replace(/^ {2}public_(url|listen): .*\n/gm, ''),
  });
  await bot.say('lead', '新建 P0 网站无法访问');
  const [letter] = await until('a mail', async () => {
    const all = await mail.mails();
    return all.length > 0 && all;
  });
  assert.doesNotMatch(letter.body, /https?:/);
});

test('both small pages read well: narrow, light and dark, both languages', async (t) => {
  const { bot, link } = await paged(t);
  const english = await paged(t, { edit: (yaml) => yaml.replace(/^locale: .*$/m, 'locale: en') });
  const addresses = [
    link,
    `${link}x`,
    await bot.link('devops'),
    `${bot.url}/login/none`,
    english.link,
    await english.bot.link('devops'),
  ];
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [360, 1280]) {
      const { page } = await newBrowser(t, { colorScheme, viewport: { width, height: 740 } });
      for (const address of addresses) {
        await page.goto(address);
        const where = `${address} ${colorScheme} ${width}`;
        assert.deepEqual(await findings(page), [], where);
        assert.deepEqual(await overflow(page), { by: 0, out: [] }, where);
      }
    }
  }
});
