// A real bot for the tests: the demonstration or the manual's configuration on free loopback ports, with a fast clock
// and a folder of its own, which end with the test.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const kRoot = fileURLToPath(new URL('../../../../', import.meta.url));
const kBinary = process.env.TOCSIN_BINARY ?? join(kRoot, 'build/release/tocsin');
const kPatience = 20_000; // real ms; of any wait for something that comes by itself
const kLookAgain = 15; // real ms between two looks

/** Asks `found` until it gives something; between two looks it waits on nothing but time, bounded. */
export async function until(what, found, patience = kPatience) {
  const end = Date.now() + patience;
  for (;;) {
    const result = await found();
    if (result) return result;
    if (Date.now() > end) throw new Error(`${what} did not come within ${patience} ms`);
    await new Promise((resolve) => setTimeout(resolve, kLookAgain));
  }
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Runs a program to its end: `{code, out}`. */
export function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: kPatience });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (out += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });
}

const kDemo = {
  file: 'demo.yaml',
  change: (text, { port, publicPort, folder }) =>
    text
      .replace(
        /^ {2}listen: .*$/m,
        ['listen: ', 'public_listen: ', 'public_url: http://']
          .map((key, index) => `  ${key}127.0.0.1:${index === 0 ? port : publicPort}`)
          .join('\n'),
      )
      .replaceAll('127.0.0.1:8088', `127.0.0.1:${port}`)
      .replace(/^storage: .*$/m, `storage: ${folder}/tocsin.db`)
      .replace(/^workdir: .*$/m, `workdir: ${folder}/work`),
};

const kManual = {
  file: 'lawsker.yaml',
  change: (text, bot) =>
    kDemo
      .change(text, bot)
      .replace(/^workdir: .*$/m, `workdir: ${bot.folder}`)
      .replace(
        /^mail:\n(?: {2}.*\n)+/m,
        `mail:\n  host: 127.0.0.1\n  port: ${bot.mailPort}\n  security: none\n  from: tocsin@lawsker.com\n`,
      ),
};

export class Bot {
  #child = null;
  #printed = '';

  /**
   * Starts one and ends it with the test. `rate`: ms of its clock in one real ms; `manual`: with the configuration of
   * the manual, sending mail to `mailPort`; `edit(yaml)`: the last word on the configuration.
   */
  static async start(
    t,
    { manual = false, mailPort = 0, rate = 1, origin = '2026-11-23T03:10:00Z', edit = (text) => text } = {},
  ) {
    const bot = new Bot();
    bot.folder = await mkdtemp('/tmp/tocsin-web-'); // short: the name of a Unix socket has room for 107 bytes
    t.after(async () => {
      await bot.stop();
      await rm(bot.folder, { recursive: true, force: true });
    });
    Object.assign(bot, { mailPort, port: await freePort(), publicPort: await freePort() });
    bot.clock = `origin=${origin},epoch=${Date.now()},rate=${rate}`;
    const { file, change } = manual ? kManual : kDemo;
    bot.config = join(bot.folder, 'config.yaml');
    await writeFile(bot.config, edit(change(await readFile(join(kRoot, 'config', file), 'utf8'), bot)));
    await bot.run();
    return bot;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get publicUrl() {
    return `http://127.0.0.1:${this.publicPort}`;
  }

  async run() {
    this.#printed = '';
    this.#child = spawn(
      kBinary,
      ['run', '--config', this.config, '--no-terminal', '--test-mode', '--test-clock', this.clock],
      { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (this.#printed += text));
    await until('the bot', async () => {
      if (this.#child.exitCode !== null) throw new Error(`the bot ended:\n${this.#printed}`);
      try {
        return (await fetch(`${this.url}/healthz`)).ok && this.#printed.includes('listens on');
      } catch {
        return false;
      }
    });
  }

  #ended() {
    return new Promise((resolve) => {
      if (this.#child === null || this.#child.exitCode !== null || this.#child.signalCode !== null) resolve();
      else this.#child.once('exit', resolve);
    });
  }

  async kill() {
    this.#child.kill('SIGKILL');
    await this.#ended();
  }

  async stop() {
    this.#child?.kill('SIGTERM');
    await this.#ended();
  }

  /** Everything the running bot has written so far. */
  get printed() {
    return this.#printed;
  }

  /** The personal link that the demonstration printed at its start. */
  printedLink(name) {
    return until(`the link of ${name}`, () => this.#printed.match(new RegExp(`^${name}: (http\\S+)$`, 'm'))?.[1]);
  }

  /** One command through the Unix socket: `{code, out}`. Without a person: as the account that runs the test. */
  say(person, text) {
    return run(kBinary, ['say', '--config', this.config, ...(person ? ['--as', person] : []), '--', text]);
  }

  async link(person) {
    return (await this.say(person, '/whoami link')).out.match(/http:\S+\/login\/[0-9a-f]+/)[0];
  }

  /** A session cookie, got the way a browser gets it. */
  async session(person) {
    const answer = await fetch(await this.link(person), {
      method: 'POST',
      headers: { origin: this.url },
      redirect: 'manual',
    });
    return answer.headers.get('set-cookie').split(';')[0];
  }

  /** Holds the database for so many seconds, as a slow disk would. */
  lock(seconds) {
    return run('sqlite3', [join(this.folder, 'tocsin.db'), 'BEGIN IMMEDIATE', `.shell sleep ${seconds}`, 'COMMIT']);
  }

  tocsin(...args) {
    return run(kBinary, [...args, '--config', this.config]);
  }

  /** Rows of its database, seen from outside. */
  async sql(query) {
    const { code, out } = await run('sqlite3', ['-readonly', '-json', join(this.folder, 'tocsin.db'), query]);
    if (code !== 0) throw new Error(out);
    return out.trim() ? JSON.parse(out) : [];
  }
}

/** A real SMTP server: `{port, mails()}`. */
export async function startMail(t) {
  const child = spawn('/usr/bin/python3', [join(kRoot, 'tests/fakes/smtp_server.py'), '--output', '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(
    () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.kill('SIGTERM');
      }),
  );
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
  const ready = JSON.parse(await until('the mail server', () => printed.includes('\n') && printed.split('\n')[0]));
  return {
    port: ready.port,
    mails: async () => (await fetch(`http://127.0.0.1:${ready.control_port}/messages`)).json(),
  };
}
