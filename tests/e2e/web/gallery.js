// Pictures of the states of the page, to be looked at: node gallery.js FOLDER
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bot, startMail, until } from './support/bot.js';
import { atWork, connected, entry, newBrowser, send } from './support/browser.js';

const folder = process.argv[2] ?? process.env.GALLERY;
if (!folder) throw new Error('gallery.js FOLDER');
await mkdir(folder, { recursive: true });

const kLooks = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['narrow', { colorScheme: 'light', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
  ['narrow-dark', { colorScheme: 'dark', viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
];
const languages = ['zh', 'en'];

const english = (yaml) => yaml.replace(/^locale: .*$/m, 'locale: en');

for (const language of languages) {
  const options = { rate: 30, edit: language === 'en' ? english : undefined };
  const take = async (page, state, look) => {
    await page.screenshot({ path: join(folder, `${state}-${language}-${look}.png`) });
    if (!look.startsWith('narrow')) return;
    for (const view of ['incidents', 'pages']) {
      await page.locator(`[data-show=${view}]`).click();
      await page.screenshot({ path: join(folder, `${state}-${view}-${language}-${look}.png`) });
    }
    await page.locator('[data-show=channel]').click();
  };

  test(`the page, ${language}`, async (t) => {
    const bot = await Bot.start(t, options);
    const looks = [];
    for (const [look, settings] of kLooks) {
      const { page } = await newBrowser(t, { ...settings, locale: language === 'en' ? 'en-US' : 'zh-CN' });
      await page.goto(await bot.link('bob'));
      await page.screenshot({ path: join(folder, `login-${language}-${look}.png`) });
      await page.locator('form button').click();
      await connected(page);
      looks.push([look, page]);
    }
    const all = async (state) => {
      for (const [look, page] of looks) await take(page, state, look);
    };
    await all('empty');
    const [, first] = looks[0];
    await send(first, language === 'en' ? '/incident open P0 website down' : '新建 P0 网站无法访问');
    for (const [, page] of looks) await entry(page, 'INC-1');
    await until('the page', () => first.locator('.page').count());
    await all('open');
    await first.locator('.clock[data-clock=response][data-level=over]').waitFor();
    await send(first, language === 'en' ? '/diag system' : '诊断 系统');
    await entry(first, 'CPU');
    await all('lapsed');
    await send(first, language === 'en' ? '/ack' : '认领');
    await first.locator('[data-status=acknowledged]').waitFor();
    await send(first, language === 'en' ? '/help' : '帮助');
    await all('taken');
    await send(first, language === 'en' ? '/fix wipe-scratch' : '清空草稿');
    await entry(first, 'K1');
    await all('approval');
    const { page: alice } = await atWork(t, bot, 'alice', kLooks[0][1]);
    await until('her page', () => alice.locator('.page').count());
    await take(alice, 'approver', 'light');
    await first.locator('#input').fill('/inc');
    await first.locator('.completion').first().waitFor();
    await take(first, 'completion', 'light');
    const { page: viewer } = await newBrowser(t, { ...kLooks[0][1] });
    await viewer.goto(bot.url);
    await connected(viewer);
    await take(viewer, 'viewer', 'light');
    await bot.kill();
    await first.locator('#status[data-state=lost]').waitFor();
    await all('lost');
  });

  test(`the small pages, ${language}`, async (t) => {
    const mail = await startMail(t);
    const bot = await Bot.start(t, { ...options, manual: true, mailPort: mail.port });
    await bot.say('lead', language === 'en' ? '/incident open P0 website down' : '新建 P0 网站无法访问');
    const [letter] = await until('a mail', async () => (await mail.mails()).length && mail.mails());
    const link = letter.body.match(/http:\S+\/ack\/[0-9a-f-]+/)[0];
    for (const state of ['ask', 'taken', 'already', 'unknown']) {
      for (const [look, settings] of kLooks) {
        const { page } = await newBrowser(t, settings);
        await page.goto(state === 'unknown' ? link.slice(0, -1) : link);
        if (state === 'taken' && look === 'light') await page.locator('form button').click();
        await page.screenshot({ path: join(folder, `ack-${state}-${language}-${look}.png`) });
      }
    }
  });
}
