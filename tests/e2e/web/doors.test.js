// Who may knock: forged names, foreign pages, and what takes too long or is too much get nowhere.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Bot } from './support/bot.js';
import { rawExchange, request, upgrade } from './support/raw.js';

const kRoutes = ['/', '/assets/app.js', '/healthz', '/readyz', '/metrics', '/login/0123', '/ack/1-0123', '/nothing'];
const kForgedHosts = (port) => [
  'evil.example',
  `evil.example:${port}`,
  `127.0.0.1.evil.example:${port}`,
  `localhost.evil.example:${port}`,
  `evil.example@127.0.0.1:${port}`,
  `127.0.0.1:${port}.evil.example`,
  '127.0.0.1:1',
  '127.0.0.1',
  `[::2]:${port}`,
  '',
];

test('a forged Host is refused on every route of both listeners', async (t) => {
  const bot = await Bot.start(t);
  for (const port of [bot.port, bot.publicPort]) {
    for (const path of kRoutes) {
      for (const host of kForgedHosts(port)) {
        const { status } = await request(port, { path, headers: { Host: host } });
        assert.ok(status === 421 || status === 400, `${port} ${path} as "${host}": ${status}`);
      }
    }
    const twice = await request(port, { headers: { Host: [`127.0.0.1:${port}`, 'evil.example'] } });
    assert.equal(twice.status, 400);
    const absent = await request(port, {});
    assert.equal(absent.status, 400);
    const forwarded = await request(port, {
      headers: { Host: 'evil.example', 'X-Forwarded-Host': `127.0.0.1:${port}` },
    });
    assert.equal(forwarded.status, 421);
  }
  const own = { Host: `127.0.0.1:${bot.port}`, Origin: bot.url };
  for (const host of kForgedHosts(bot.port)) {
    const { status } = await request(bot.port, upgrade({ ...own, Host: host, Origin: `http://${host}` }));
    assert.ok(status === 421 || status === 400, `the socket as "${host}": ${status}`);
  }
});

test('a name of another machine is answered only if the configuration says so', async (t) => {
  const bot = await Bot.start(t, {
    edit: (yaml) => yaml.replace(/^ {2}public_listen:/m, '  allowed_hosts: ["*.ops.example"]\n  public_listen:'),
  });
  for (const [host, status] of [
    [`LOCALHOST:${bot.port}`, 200],
    [`127.0.0.1:${bot.publicPort}`, 200], // the public URL, when a proxy sends all of it here
    ['bot.ops.example', 200],
    ['ops.example', 421],
    ['botXops.example', 421],
  ]) {
    const answer = await request(bot.port, { path: '/healthz', headers: { Host: host } });
    assert.equal(answer.status, status, host);
  }
});

test('a page of another site can neither post nor open the socket', async (t) => {
  const bot = await Bot.start(t);
  const session = await bot.session('alice');
  const link = new URL(await bot.link('bob')).pathname;
  const own = { Host: `127.0.0.1:${bot.port}`, Cookie: session };
  const foreign = [
    'http://evil.example',
    'null',
    `http://127.0.0.1:${bot.port + 1}`,
    `http://127.0.0.1:${bot.port}.evil.example`,
    `ftp://127.0.0.1:${bot.port}`,
    `http://localhost:${bot.port}`,
    undefined,
  ];
  for (const origin of foreign) {
    const headers = { ...own, ...(origin && { Origin: origin }), 'Content-Length': '0' };
    for (const path of [link, '/ack/1-0123', '/']) {
      const { status } = await request(bot.port, { method: 'POST', path, headers });
      assert.equal(status, 403, `POST ${path} from ${origin}`);
    }
    const { status } = await request(bot.port, upgrade({ ...own, ...(origin && { Origin: origin }) }));
    assert.equal(status, 403, `the socket from ${origin}`);
  }
  assert.equal((await request(bot.port, upgrade({ ...own, Origin: bot.url }))).status, 101);
  const open = await request(bot.port, { path: link, headers: own });
  assert.match(open.body, /<form/, 'the link of somebody else was not used up');
});

test('nothing is offered to other sites, framed, sniffed or kept', async (t) => {
  const bot = await Bot.start(t);
  const own = { Host: `127.0.0.1:${bot.port}`, Origin: 'http://evil.example' };
  for (const path of [...kRoutes, '/assets/style.css', '/assets/none', '/ws']) {
    const { status, headers } = await request(bot.port, { path, headers: own });
    const where = `${path} (${status})`;
    for (const name of Object.keys(headers)) assert.doesNotMatch(name, /^access-control-/, where);
    assert.equal(headers['x-content-type-options'], 'nosniff', where);
    assert.equal(headers['x-frame-options'], 'DENY', where);
    assert.equal(headers['referrer-policy'], 'same-origin', where);
    const policy = headers['content-security-policy'];
    assert.match(policy, /default-src '(none|self)'/, where);
    assert.match(policy, /frame-ancestors 'none'/, where);
    assert.match(policy, /base-uri 'none'/, where);
    assert.doesNotMatch(policy, /unsafe|\*/, where);
    const isFile = path.startsWith('/assets/') || path === '/';
    assert.match(headers['cache-control'], isFile ? /no-cache|no-store/ : /no-store/);
  }
  const asked = await request(bot.port, {
    method: 'OPTIONS',
    headers: { ...own, 'Access-Control-Request-Method': 'POST' },
  });
  assert.equal(asked.status, 403);
});

test('the templates are no files, an unchanged file is not sent again', async (t) => {
  const bot = await Bot.start(t);
  const headers = { Host: `127.0.0.1:${bot.port}` };
  for (const path of ['/assets/login.html', '/assets/ack.html', '/assets/', '/assets/../main.cpp', '/assets/%2e%2e/x'])
    assert.equal((await request(bot.port, { path, headers })).status, 404, path);
  const first = await request(bot.port, { path: '/assets/app.js', headers });
  assert.equal(first.headers['content-type'], 'text/javascript; charset=utf-8');
  const again = await request(bot.port, {
    path: '/assets/app.js',
    headers: { ...headers, 'If-None-Match': first.headers.etag },
  });
  assert.deepEqual([again.status, again.body], [304, '']);
});

test('what is too much or too slow is cut, and others are served meanwhile', async (t) => {
  const bot = await Bot.start(t);
  const host = `Host: 127.0.0.1:${bot.port}\r\n`;
  const [longHeader, longLine, longBody, nonsense] = await Promise.all([
    rawExchange(bot.port, `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(64 * 1024)}\r\n\r\n`),
    rawExchange(bot.port, `GET /${'x'.repeat(64 * 1024)} HTTP/1.1\r\n${host}\r\n`),
    rawExchange(bot.port, `POST /ack/1-0 HTTP/1.1\r\n${host}Content-Length: 99999999\r\n\r\n`),
    rawExchange(bot.port, '\x16\x03\x01\x02\x00\x01\x00'),
  ]);
  assert.match(longHeader, /^HTTP\/1\.1 431 /);
  assert.match(longLine, /^HTTP\/1\.1 (431|414) /);
  assert.match(longBody, /^HTTP\/1\.1 413 /);
  assert.match(nonsense, /^(HTTP\/1\.1 4|$)/);

  // A header that comes byte by byte has ten seconds for the whole of it, however lively it looks.
  const began = Date.now();
  const slow = [];
  for (let index = 0; index < 40; ++index) {
    slow.push(
      new Promise((resolve) => {
        const socket = connect(bot.port, '127.0.0.1', () => socket.write(`GET / HTTP/1.1\r\n${host}X-Slow: `));
        const drip = setInterval(() => socket.write('x'), 500);
        socket.on('error', () => {});
        socket.on('data', () => {});
        socket.on('close', () => {
          clearInterval(drip);
          resolve(Date.now() - began);
        });
      }),
    );
  }
  const asked = Date.now();
  assert.equal((await request(bot.port, { path: '/healthz', headers: { Host: `127.0.0.1:${bot.port}` } })).status, 200);
  assert.ok(Date.now() - asked < 2_000, 'nobody waits for the slow ones');
  const ends = await Promise.all(slow);
  assert.ok(Math.max(...ends) < 14_000, `cut after ${Math.max(...ends)} ms`);
});

test('the public listener serves acknowledgement links and nothing else', async (t) => {
  const bot = await Bot.start(t);
  const headers = { Host: `127.0.0.1:${bot.publicPort}`, Origin: bot.publicUrl };
  for (const path of ['/', '/assets/app.js', '/metrics', '/healthz', '/login/0123', '/ws', '/api/v1/incidents', '/ack'])
    assert.equal((await request(bot.publicPort, { path, headers })).status, 404, path);
  assert.equal((await request(bot.publicPort, upgrade(headers))).status, 404);
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    assert.equal((await request(bot.publicPort, { method, path: '/ack/1-0123', headers })).status, 405, method);
});
