// Kinds of blocks that no command of the demonstration answers with, put into the channel behind the server's back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Bot } from './support/bot.js';
import { entry, logIn, newBrowser, overflow } from './support/browser.js';

const kPng = 'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==';

/** The page of bob; `blocks` come as an entry of the bot once it is connected. */
async function shown(t, blocks) {
  const bot = await Bot.start(t);
  const { page } = await newBrowser(t);
  await page.routeWebSocket(/\/ws$/, (toPage) => {
    const toServer = toPage.connectToServer();
    toServer.onMessage((frame) => {
      toPage.send(frame);
      if (JSON.parse(frame).type !== 'hello') return;
      const author = { id: 'tocsin', name: 'Tocsin', bot: true };
      toPage.send(JSON.stringify({ type: 'entry', id: 1e9, key: 'planted', at: Date.now(), author, blocks }));
    });
  });
  await logIn(page, await bot.link('bob'));
  await entry(page, 'planted');
  return page;
}

test('facts, a picture and a file are shown, and what is saved is what was sent', async (t) => {
  const page = await shown(t, [
    { kind: 'text', text: 'planted' },
    { kind: 'fields', fields: [{ label: 'Version', value: '15.8' }, { label: 'Role', value: 'primary' }] },
    { kind: 'picture', name: 'load.png', media_type: 'image/png', shows: 'Load of web-1', data: kPng },
    { kind: 'file', name: 'core.gz', media_type: 'application/gzip', size: 4, data: 'H4sAeA==' },
    { kind: 'code', text: '# Notes\n', language: '', file_name: 'notes.md' },
  ]);
  assert.deepEqual(await page.locator('dl.fields dt').allInnerTexts(), ['Version', 'Role']);
  assert.deepEqual(await page.locator('dl.fields dd').allInnerTexts(), ['15.8', 'primary']);
  const picture = page.getByAltText('Load of web-1');
  await picture.waitFor();
  assert.equal(await picture.evaluate((image) => image.decode().then(() => image.naturalWidth)), 2);
  const saved = async (button) => {
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    return [download.suggestedFilename(), await readFile(await download.path())];
  };
  assert.deepEqual(await saved(page.locator('button.file-box')), ['core.gz', Buffer.from('H4sAeA==', 'base64')]);
  const code = page.locator('.block.code', { hasText: 'notes.md' });
  assert.deepEqual(await saved(code.getByRole('button', { name: '下载' })), ['notes.md', Buffer.from('# Notes\n')]);
  assert.deepEqual(await overflow(page), { by: 0, out: [] });
});

test('a hostile picture or file is an empty one', async (t) => {
  const page = await shown(t, [
    { kind: 'text', text: 'planted' },
    { kind: 'picture', media_type: 'image/svg+xml', shows: '<b>', data: 'x" onerror="document.title=1' },
    { kind: 'file', name: { toString: 1 }, data: 7 },
    { kind: 'fields', fields: [null, 'x', { label: '<i>', value: '<script>' }] },
  ]);
  assert.equal(await page.locator('img.picture').getAttribute('src'), 'data:image/png;base64,');
  assert.equal(await page.locator('.file-name').innerText(), 'file');
  assert.equal(await page.locator('dl.fields dd').last().innerText(), '<script>');
  assert.equal(await page.locator('dl.fields script, dl.fields i, figcaption b').count(), 0);
});
