// The channel at work: typing as people type, buttons, several browsers, and a bot that is killed in the middle.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bot, until } from './support/bot.js';
import { atWork, connected, entries, entry, logIn, newBrowser, send } from './support/browser.js';

/** How often an entry holds `text`. */
const count = async (page, text) => (await entries(page)).filter((each) => each.includes(text)).length;

test('Chinese as phones and input methods type it is understood', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob');
  await send(page, '　新建　Ｐ０　网站无法访问。');
  await entry(page, 'P0 INC-1 网站无法访问');
  await send(page, '／ｐｉｎｇ　“你好　世界”');
  assert.match(await (await entry(page, '你好')).innerText(), /你好/);
  await send(page, '４');
  await page.locator('.incident[data-status=acknowledged]').waitFor();
  await send(page, '备注　重启了　后端。');
  await send(page, '认领42');
  await entry(page, '没有执行');
  assert.equal((await bot.sql('SELECT count(*) AS n FROM incidents'))[0].n, 1);
});

test('a typed line shows once, at once and after the answer', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob');
  // The name of whoever goes on speaking is not repeated, so a line is known by its author's side, not by the name.
  const shown = (line) => page.locator('.entry.human', { hasText: line }).count();
  for (const line of ['/ping one', '状态', '/diag system', '不认识的话']) {
    await send(page, line);
    assert.equal(await shown(line), 1, line);
  }
  await entry(page, 'CPU');
  await until('the end of all', async () => (await page.locator('.entry[data-state]').count()) === 0);
  await page.reload();
  await entry(page, 'CPU');
  for (const line of ['/ping one', '状态', '/diag system', '不认识的话'])
    assert.equal(await shown(line), 1, `${line}, after a reload`);
});

test('completion and history, by keys alone', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob');
  const input = page.locator('#input');
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'input', 'a slash leads to the input');
  await page.keyboard.type('inc');
  const options = page.locator('.completion');
  await options.first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const chosen = page.locator('.completion[aria-selected=true]');
  assert.equal(await chosen.count(), 1);
  assert.equal(await input.getAttribute('aria-activedescendant'), await chosen.getAttribute('id'));
  await page.keyboard.press('Escape');
  assert.equal(await options.count(), 0);
  await page.keyboard.type('ident o');
  await options.first().waitFor();
  await page.keyboard.press('Tab');
  assert.match(await input.inputValue(), /^\/incident open /);
  await page.keyboard.type('P2 slow search');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await entry(page, 'P2 INC-1');
  await page.keyboard.type('/ping two');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await entry(page, 'two');
  await page.keyboard.type('dra');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowUp');
  assert.equal(await input.inputValue(), '/ping two');
  await page.keyboard.press('ArrowUp');
  assert.equal(await input.inputValue(), '/incident open P2 slow search');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await input.inputValue(), 'dra', 'what was being typed comes back');
  await input.fill('one');
  await page.keyboard.press('Shift+Enter');
  assert.equal(await input.inputValue(), 'one\n');
});

test('Enter belongs to the input method while it composes', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob');
  const keys = await page.context().newCDPSession(page);
  await page.locator('#input').focus();
  await keys.send('Input.imeSetComposition', { text: 'bangzhu', selectionStart: 7, selectionEnd: 7 });
  const enter = { code: 'Enter', windowsVirtualKeyCode: 229, key: 'Enter' };
  await keys.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
  await keys.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
  assert.equal(await page.locator('#input').inputValue(), 'bangzhu');
  assert.equal(await page.locator('.entry').count(), 0);
  await keys.send('Input.insertText', { text: '帮助' });
  assert.equal(await page.locator('#input').inputValue(), '帮助');
  await page.keyboard.press('Enter');
  await entry(page, '/incident open');
  assert.equal(await count(page, '仅你可见 帮助'), 1);
});

test('every button of a card does what it says, and once however often it is pressed', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob');
  await send(page, '新建 P0 网站无法访问');
  const card = page.locator('.entry[data-key="card:INC-1"]');
  await card.getByRole('button', { name: '诊断' }).click();
  await entry(page, 'CPU');
  await card.getByRole('button', { name: '改级' }).click();
  await page.locator('.entry:not([data-key="card:INC-1"])').getByRole('button', { name: /^P1/ }).click();
  await page.locator('.incident[data-severity=P1]').waitFor();
  await card.getByRole('button', { name: '认领' }).dblclick();
  await page.locator('.incident[data-status=acknowledged]').waitFor();
  await card.getByRole('button', { name: '缓解' }).click();
  await page.locator('.incident[data-status=mitigated]').waitFor();
  await card.getByRole('button', { name: '解决' }).click();
  await entry(page, '解决 INC-1');
  const open = page.locator('.incident:not([data-status=resolved])');
  await until('no open incident', async () => (await open.count()) === 0);
  await card.getByRole('button', { name: '复盘' }).click();
  await page.locator('.code-name', { hasText: 'INC-1.md' }).waitFor();
  await card.getByRole('button', { name: '关闭' }).click();
  await until('a closed incident', async () => (await bot.sql('SELECT status FROM incidents'))[0].status === 4);
  const acks = await bot.sql("SELECT count(*) AS n FROM audit WHERE what LIKE '/incident ack%'");
  assert.equal(acks[0].n, 1);
});

test('two people see each other’s events, not each other’s lines', async (t) => {
  const bot = await Bot.start(t);
  const { page: alice } = await atWork(t, bot, 'alice');
  const { page: bob } = await atWork(t, bot, 'bob', { locale: 'en-US' });
  await send(alice, '新建 P1 支付变慢');
  await entry(bob, 'P1 INC-1 支付变慢');
  await bob.locator('.incident', { hasText: '支付变慢' }).waitFor();
  await send(bob, '4');
  await entry(alice, 'Bob认领 INC-1');
  await alice.locator('.incident-people', { hasText: 'Bob' }).waitFor();
  assert.equal(await count(bob, '新建 P1'), 0);
  await bot.say('admin', '改级 P0');
  await alice.locator('.incident[data-severity=P0]').waitFor();
  await bob.locator('.incident[data-severity=P0]').waitFor();
});

test('the same message sent again runs once', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob');
  const states = await page.evaluate(async () => {
    const open = () =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/ws`);
        socket.onopen = () => {
          socket.send(JSON.stringify({ type: 'hello', since: 0, log: '' }));
          resolve(socket);
        };
      });
    const answer = (socket) =>
      new Promise((resolve) => {
        socket.addEventListener('message', ({ data }) => {
          const message = JSON.parse(data);
          if (message.type === 'result' && message.state !== 'accepted') resolve(message.state);
        });
      });
    const command = JSON.stringify({ type: 'command', id: 'the-same', text: '新建 P2 搜索变慢' });
    const [first, second] = [await open(), await open()];
    const answers = [answer(first), answer(second)];
    for (const socket of [first, second, first, second]) socket.send(command);
    return Promise.all(answers);
  });
  assert.deepEqual(states, ['done', 'done']);
  await bot.kill();
  await bot.run();
  await connected(page);
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/ws`);
        socket.onopen = () => {
          socket.send(JSON.stringify({ type: 'hello', since: 0, log: '' }));
          socket.send(JSON.stringify({ type: 'command', id: 'the-same', text: '新建 P2 搜索变慢' }));
        };
        socket.onmessage = ({ data }) => JSON.parse(data).type === 'result' && resolve();
      }),
  );
  assert.equal((await bot.sql('SELECT count(*) AS n FROM incidents'))[0].n, 1);
  assert.equal(await count(page, '仅你可见 新建 P2 搜索变慢'), 1);
});

test('a bot killed again and again loses no line and repeats none', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob');
  await send(page, '新建 P1 支付变慢');
  await entry(page, 'INC-1');
  const notes = [];
  for (let round = 1; round <= 4; ++round) {
    for (let index = 1; index <= 3; ++index) {
      notes.push(`第${round}轮第${index}条`);
      await send(page, `备注 ${notes.at(-1)}`);
    }
    await bot.kill(); // with some of them on their way
    await page.locator('#status[data-state=lost]').waitFor();
    notes.push(`第${round}轮断线时`);
    await send(page, `备注 ${notes.at(-1)}`);
    if (round % 2 === 0) await bot.say('alice', '状态').catch(() => {}); // nobody answers
    await bot.run();
    await page.evaluate(() => document.getElementById('retry').click());
    await connected(page);
    await until('all answered', async () => (await page.locator('.entry.human[data-state]').count()) === 0);
  }
  const stored = (await bot.sql("SELECT what FROM timeline WHERE what LIKE '%轮%' ORDER BY sequence")).map(
    ({ what }) => notes.find((note) => what.includes(note)),
  );
  assert.deepEqual(stored, notes, 'each ran once, in order');

  const { page: fresh } = await atWork(t, bot, 'bob');
  await entry(fresh, notes.at(-1));
  for (const where of [page, fresh]) {
    for (const note of notes) assert.equal(await count(where, `仅你可见 备注 ${note}`), 1, note);
  }
  const keys = (which) =>
    which.locator('.entry').evaluateAll((nodes) => nodes.map((node) => node.dataset.key).sort());
  assert.deepEqual(await keys(page), await keys(fresh), 'whoever stayed and whoever came see the same');
});

test('what others did while a page was away is there when it comes back', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await newBrowser(t);
  await page.addInitScript(() => {
    const Real = window.WebSocket;
    window.WebSocket = class extends Real {
      constructor(url) {
        if (window.away) throw new Error('no network');
        super(url);
      }
    };
  });
  await logIn(page, await bot.link('alice'));
  await bot.say('bob', '新建 P1 支付变慢');
  await entry(page, 'INC-1');
  const before = await entries(page);
  await page.evaluate(() => (window.away = true));
  await bot.kill();
  await page.locator('#status[data-state=lost]').waitFor();
  await bot.run();
  await bot.say('bob', '认领');
  await bot.say('bob', '缓解 限流');
  await bot.kill();
  await bot.run();
  await page.evaluate(() => {
    window.away = false;
    window.dispatchEvent(new Event('online'));
  });
  await connected(page);
  await entry(page, 'Bob认领 INC-1');
  await page.locator('.incident[data-status=mitigated]').waitFor();
  const after = await entries(page);
  assert.equal(new Set(after).size, after.length, 'no line twice');
  assert.ok(after.length > before.length);
});

test('long output is folded to its end, unfolds, and stays as it was left when it changes', async (t) => {
  const bot = await Bot.start(t);
  const scratch = join(bot.folder, 'work/scratch');
  await mkdir(scratch, { recursive: true });
  for (let index = 100; index < 160; ++index) await writeFile(join(scratch, `draft-${index}.txt`), '');
  const { page } = await atWork(t, bot, 'bob');
  await send(page, '/diag files');
  const block = (await entry(page, 'draft-')).locator('.code');
  const body = block.locator('.code-body');
  assert.equal((await body.innerText()).trim().split('\n').length, 5);
  await block.getByRole('button', { name: /展开全部 6\d 行/ }).click();
  assert.ok((await body.innerText()).trim().split('\n').length >= 60);
  await block.getByRole('button', { name: '收起' }).click();
  assert.equal((await body.innerText()).trim().split('\n').length, 5);
});

test('a store that takes a second keeps nobody out', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await newBrowser(t);
  const link = await bot.link('bob');
  const busy = bot.lock(1);
  await logIn(page, link);
  assert.equal(await page.locator('#person').innerText(), 'Bob');
  const again = bot.lock(1);
  await page.reload();
  await page.locator('#status[data-state=open]').waitFor({ timeout: 6_000 }); // not only at the second try
  await Promise.all([busy, again]);
});

test('a second of silence is no trouble: the page asks, the bot answers', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await newBrowser(t);
  await page.goto(bot.url);
  await connected(page);
  const pong = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/ws`);
        socket.onopen = () => {
          socket.send('not json');
          socket.send('{"type":"from the future"}');
          socket.send('{"type":"ping"}');
        };
        socket.onmessage = ({ data }) => resolve(JSON.parse(data));
      }),
  );
  assert.equal(pong.type, 'pong');
  assert.ok(Number.isInteger(pong.now));
});
