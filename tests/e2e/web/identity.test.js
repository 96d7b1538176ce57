// Two persons means two people: whoever asked can't approve, by no button, no line and no other account.
import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';
import { Bot, until } from './support/bot.js';
import { atWork, entry, send } from './support/browser.js';

/** Alice has this machine's account and a web account; the others have web accounts. */
const twoAccounts = (yaml) =>
  yaml
    .replace('identities: {terminal: alice, web: alice}', `identities: {terminal: ${userInfo().username}, web: alice}`)
    .replace('identities: {terminal: root, web: admin}', 'identities: {web: admin}');

test('nobody approves their own request by any route, and a second person does', async (t) => {
  const bot = await Bot.start(t, { edit: twoAccounts });
  const { page: alice } = await atWork(t, bot, 'alice');
  const { page: elsewhere } = await atWork(t, bot, 'alice', { viewport: { width: 360, height: 740 } });
  const { page: bob } = await atWork(t, bot, 'bob');
  const { page: admin } = await atWork(t, bot, 'admin');
  await send(alice, '新建 P1 草稿占满磁盘');
  await entry(alice, 'INC-1');
  await send(alice, '清空草稿');
  const asked = await entry(alice, '批准 K1?');
  await bob.locator('.page[data-waits=true]', { hasText: 'K1' }).waitFor();
  await admin.locator('.page[data-waits=true]', { hasText: 'K1' }).waitFor();

  const state = async () => (await bot.sql("SELECT state, decided_by FROM approvals WHERE code = 'K1'"))[0];
  const waiting = { state: 'waiting', decided_by: '' };
  assert.deepEqual(await state(), waiting);

  // No button for it, in no browser of hers.
  assert.equal(await asked.locator('.act').count(), 0);
  for (const page of [alice, elsewhere]) {
    assert.equal(await page.locator('[data-command^="/approve"]').count(), 0);
    assert.equal(await page.locator('.page[data-waits=true]', { hasText: 'K1' }).count(), 0);
  }
  // No line, in any spelling, in any browser of hers.
  const lines = ['批准 K1', '批准 k1', '/approve K1', '批准', '／批准　Ｋ１', 'approve 1', '批准K1'];
  for (const [index, line] of lines.entries()) {
    const page = index % 2 === 0 ? alice : elsewhere;
    const before = (await bot.sql('SELECT count(*) AS n FROM audit'))[0].n;
    await send(page, line);
    await until(`an answer to ${line}`, async () => (await page.locator('.entry.human[data-state]').count()) === 0);
    assert.deepEqual(await state(), waiting, line);
    assert.ok((await bot.sql('SELECT count(*) AS n FROM audit'))[0].n > before, `${line} is in the audit`);
  }
  // Not by the machine's account, which is hers too, and not by way of a test's "as".
  assert.notEqual((await bot.say('alice', '批准 K1')).code, 0);
  const own = await bot.say(null, '批准 K1');
  assert.notEqual(own.code, 0);
  assert.match(own.out, /没有执行/);
  // Not over the socket, whatever it claims.
  const claimed = await alice.evaluate(
    () =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/ws`);
        socket.onopen = () => {
          socket.send(JSON.stringify({ type: 'hello', since: 0, log: '', person: 'bob', as: 'bob' }));
          socket.send(
            JSON.stringify({
              type: 'command',
              id: 'forged',
              text: '批准 K1',
              person: 'bob',
              as: 'bob',
              account: 'bob',
              author: { id: 'bob' },
            }),
          );
        };
        socket.onmessage = ({ data }) => JSON.parse(data).type === 'result' && resolve(JSON.parse(data).state);
      }),
  );
  assert.equal(claimed, 'refused');
  // Nor does anything run before somebody else has said yes.
  await send(alice, '执行 K1');
  await entry(alice, '没有执行');
  assert.deepEqual(await state(), waiting);

  await bob.locator('.page[data-waits=true]', { hasText: 'K1' }).getByRole('button', { name: /^批准/ }).click();
  await until('his yes', async () => (await state()).state === 'approved');
  assert.deepEqual(await state(), { state: 'approved', decided_by: 'bob' });
  const still = admin.locator('.page[data-waits=true]', { hasText: 'K1' });
  await until('nothing left to ask', async () => (await still.count()) === 0);
  await send(alice, '执行 K1');
  await entry(alice, '已验证');
  assert.equal((await state()).state, 'used');
});

test('a link to the page is for the person who asks for it', async (t) => {
  const bot = await Bot.start(t, { edit: twoAccounts });
  const { page } = await atWork(t, bot, 'alice');
  assert.equal(await page.locator('#person').innerText(), 'Alice');
  await send(page, '/whoami link');
  const text = await (await entry(page, '/login/')).innerText();
  const again = await fetch(text.match(/http:\S+\/login\/[0-9a-f]+/)[0]);
  assert.match(await again.text(), /以 Alice 的身份/);
});
