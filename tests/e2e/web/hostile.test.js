// Texts that would like to be more than text: they are shown as they are, and break nothing.
import assert from 'node:assert/strict';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bot } from './support/bot.js';
import { atWork, entry, overflow, send } from './support/browser.js';

const kMarkup = [
  '<script>document.title="owned"</script>',
  '<img src=x onerror=document.title="owned">',
  '<svg onload=document.title="owned">',
  '"><b onmouseover=document.title="owned">x',
  "javascript:document.title='owned'",
  '{{constructor.constructor("document.title=1")()}}',
  '&lt;b&gt; &amp; <!--if ask--> {{action}}',
  '[x](javascript:alert(1)) <https://evil.example|login> @channel',
];

test('markup in titles, notes and names of channels is text', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob');
  await page.evaluate(() => {
    window.dialogs = 0;
    window.alert = () => (window.dialogs += 1);
  });
  for (const [index, text] of kMarkup.entries()) {
    await send(page, `/incident open P3 "${text.replaceAll('"', "'")}"`);
    await page.locator(`.incident[data-incident="INC-${index + 1}"]`).waitFor();
    await send(page, `/note INC-${index + 1} ${text}`);
  }
  await entry(page, `INC-${kMarkup.length}`);
  await send(page, '/list');
  await send(page, '/timeline INC-1');
  await entry(page, '<script>');
  const titles = await page.locator('.incident-title').allInnerTexts();
  for (const text of kMarkup) {
    const typed = text.replaceAll('"', "'");
    assert.ok(
      titles.some((title) => typed.startsWith(title.slice(0, 20))),
      typed,
    );
  }
  assert.deepEqual(
    await page.evaluate(() => [
      document.title.includes('owned'),
      window.dialogs,
      document.querySelectorAll('main script, main img, main b, main iframe, main svg:not(.send svg)').length,
    ]),
    [false, 0, 0],
  );
  assert.deepEqual(await overflow(page), { by: 0, out: [] });
});

test('the acknowledgement and login pages escape what they show', async (t) => {
  const bot = await Bot.start(t, {
    edit: (yaml) => yaml.replace('name: Alice', `name: '<img src=x onerror=alert(1)>"&'`),
  });
  const html = await (await fetch(await bot.link('alice'))).text();
  assert.doesNotMatch(html, /<img/);
  assert.match(html, /&lt;img src=x onerror=alert\(1\)&gt;&quot;&amp;/);
  const odd = await (await fetch(`${bot.url}/login/%22%3E%3Cscript%3E`)).text();
  assert.doesNotMatch(odd, /<script>/);
});

test('directions, invisible signs and endless lines stay inside their box', async (t) => {
  const bot = await Bot.start(t);
  const logs = join(bot.folder, 'work/logs');
  await mkdir(logs, { recursive: true });
  await appendFile(
    join(logs, 'demo.log'),
    [
      `ERROR ${'x'.repeat(10_000)}`,
      `ERROR ${'永'.repeat(3_000)}`,
      'ERROR \u202Egnp.exe\u202C after',
      'ERROR \u001B[31mred\u001B[0m \u0007 \u0000 end',
      'ERROR <script>alert(1)</script>',
    ].join('\n') + '\n',
  );
  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 360, height: 740 },
  ]) {
    const { page } = await atWork(t, bot, 'bob', { viewport });
    await send(page, '/incident open P2 "\u202Eevil\u202C \u200B\u2066x\u2069 tail"');
    await send(page, `/incident open P3 ${'长'.repeat(60)}`);
    await send(page, `/ping ${'w'.repeat(3_900)}`);
    await send(page, '/logs demo');
    const shown = await entry(page, 'alert(1)');
    await shown.locator('.code-body').waitFor();
    assert.deepEqual(await overflow(page), { by: 0, out: [] });
    // What turns round inside a title does not turn round what stands beside it.
    const title = page.locator('.incident-title').first();
    assert.equal(await title.evaluate((node) => getComputedStyle(node).unicodeBidi), 'isolate');
  }
});

test('ten thousand characters over the socket are refused in words, and the page goes on', async (t) => {
  const bot = await Bot.start(t);
  const { page } = await atWork(t, bot, 'bob');
  const sendRaw = (text) =>
    page.evaluate(
      (line) =>
        new Promise((resolve) => {
          const socket = new WebSocket(`ws://${location.host}/ws`);
          socket.onopen = () => {
            socket.send(JSON.stringify({ type: 'hello', since: 0, log: '' }));
            socket.send(JSON.stringify({ type: 'command', id: crypto.randomUUID(), text: line }));
          };
          socket.onmessage = ({ data }) => JSON.parse(data).type === 'result' && resolve(JSON.parse(data).state);
          socket.onclose = ({ code }) => resolve(code);
        }),
      text,
    );
  assert.equal(await sendRaw(`/ping ${'x'.repeat(10_000)}`), 'refused');
  await entry(page, '没有执行');
  // 1009, or 1006 when what was still on its way makes the connection break before that is read.
  assert.match(String(await sendRaw('x'.repeat(70_000))), /^100[69]$/, 'a frame above the limit ends its socket');
  await send(page, '/ping still here');
  await entry(page, 'still here');
  assert.deepEqual(await overflow(page), { by: 0, out: [] });
});
