// Joins the parts: the link to the bot, the channel, the composer, incidents, pages, status, language and appearance.
import { Channel, firstLine } from './channel.js';
import { Composer } from './composer.js';
import { setAttribute, setText } from './dom.js';
import { Inbox } from './inbox.js';
import { Incidents, kMarks } from './incidents.js';
import { Link } from './link.js';
import { Outbox } from './outbox.js';
import { Settings, sessionStore } from './settings.js';
import { formatSpan, ServerClock, ZoneFormat } from './time.js';
import { wordFixedParts, wordsIn } from './words.js';

const kSpeakEveryMs = 500;

const part = (id) => document.getElementById(id);
const settings = new Settings();

/** What all parts share. `mayRun` is false for viewers and before the first hello. */
const page = {
  words: wordsIn(settings.language),
  zone: new ZoneFormat(Intl.DateTimeFormat().resolvedOptions().timeZone),
  clock: new ServerClock(),
  me: { id: '', name: '', role: '' },
  mayRun: false,
  run,
  insert: (text) => {
    showView('channel');
    composer.insert(text);
  },
};

const server = { greeted: false, version: '', log: '', lastEntry: 0, demo: false, locale: '', shown: '' };
let connection = { state: 'connecting', reason: '' };
let lostAt = null; // server time
const busyButtons = new Map(); // command id -> the button that sent it
const mine = new Set(); // ids of the commands sent from this page

const outbox = new Outbox({ send: (message) => link.send(message), onChange: showCommand, storage: sessionStore() });
const channel = new Channel({
  page,
  scroller: part('log'),
  latest: part('latest'),
  onRetry: (id) => outbox.retry(id, page.me.id),
  onDiscard: (id) => {
    outbox.discard(id);
    channel.removeCommand(id);
  },
});
const composer = new Composer({
  form: part('composer'),
  popup: part('completions'),
  words: page.words,
  onSend: (text) => run(text, null),
  onComplete: (seq, text) => link.send({ type: 'complete', seq, text }),
  announce: speak,
  storage: sessionStore(),
});
const incidents = new Incidents({ page, section: part('incidents') });
const inbox = new Inbox({
  page,
  section: part('pages'),
  bar: part('page-bar'),
  announce: (text) => setText(part('assertive'), text),
});
const link = new Link({
  url: `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws`,
  hello: () => ({ since: server.lastEntry, log: server.log }),
  onMessage: (message) => handlers[message.type](message),
  onState: onConnection,
});

const handlers = {
  hello(message) {
    page.clock.set(message.now, message.rate);
    page.me = message.person ?? { id: '', name: '', role: 'viewer' };
    page.mayRun = page.me.role !== 'viewer' && page.me.id !== '';
    page.zone = new ZoneFormat(message.zone);
    settings.locale = message.locale;
    server.locale = message.locale;
    server.demo = message.demo;
    server.log = message.log;
    if (message.reset) {
      channel.clear();
      server.lastEntry = 0;
    }
    if (message.reset || !server.greeted) speakFrom = message.now;
    part('updated').hidden = !server.greeted || server.version === message.version;
    if (!server.greeted) server.version = message.version;
    server.greeted = true;
    // An ordinary reconnect keeps every row as it is: folds, focus, place.
    const shown = JSON.stringify([page.me, message.zone, message.locale]);
    if (shown !== server.shown) redraw();
    server.shown = shown;
  },
  entry(entry) {
    const previous = spokenLines.get(entry.key);
    const fresh = channel.put(entry);
    server.lastEntry = Math.max(server.lastEntry, entry.id);
    const line = firstLine(entry);
    if (line !== previous && entry.author.id !== page.me.id && (entry.edited_at ?? entry.at) > speakFrom) {
      speak(`${entry.author.name}: ${line}`);
    }
    spokenLines.set(entry.key, line);
    if (entry.reply_to) outbox.onReply(entry.reply_to);
    if (fresh && mine.has(entry.reply_to)) tellElsewhere(line);
  },
  result: (message) => outbox.onResult(message.id, message.state),
  completions: (message) => composer.show(message.seq, message.items),
  incidents(message) {
    incidents.show(message.items);
    showSummary();
  },
  inbox(message) {
    inbox.show(message.pages);
    showSummary();
  },
  pong: (message) => page.clock.set(message.now, page.clock.rate, message.travel),
  error: (message) => tell(message.text, false),
};

/** Sends one command, typed or from a button; the button rests until there is an answer. */
function run(text, button) {
  const command = outbox.submit(text, page.clock.known ? page.clock.now() : null, page.me.id);
  mine.add(command.id);
  if (button) {
    busyButtons.set(command.id, button);
    showBusy(command);
  }
  hideNotice();
}

function showCommand(command) {
  channel.putCommand(command);
  showBusy(command);
}

function showBusy({ id, state }) {
  const button = busyButtons.get(id);
  if (!button) return;
  const busy = state === 'sent' || state === 'unsent' || state === 'unknown';
  setAttribute(button, 'aria-disabled', busy || !page.mayRun ? 'true' : null);
  setAttribute(button, 'aria-busy', busy ? 'true' : null);
  if (!busy) busyButtons.delete(id);
}

function onConnection(next) {
  // Each attempt that fails tells again; only the first loss may have had a reason.
  connection = { state: next.state, reason: next.reason || (lostAt === null ? '' : connection.reason) };
  lostAt = next.state === 'lost' ? (lostAt ?? page.clock.now()) : null;
  if (next.state === 'open') outbox.onOpen(page.mayRun ? page.me.id : null);
  else outbox.onLost();
  showStatus();
}

// --- what is spoken -------------------------------------------------------------------------------------------------

const spokenLines = new Map(); // key -> first line, so that a change of numbers further down stays silent
let speakFrom = Infinity; // server time of the first hello: what is older is history and is not read out
let toSpeak = [];
let speaking = 0;

/** Politely, and not each line of a burst. */
function speak(text) {
  toSpeak = [...toSpeak, text].slice(-3);
  if (speaking) return;
  speaking = setTimeout(() => {
    speaking = 0;
    part('polite').textContent = toSpeak.join(' ');
    toSpeak = [];
  }, kSpeakEveryMs);
}

// --- notice above the composer --------------------------------------------------------------------------------------

function tell(text, toChannel) {
  setText(part('notice-text'), text);
  part('notice-show').hidden = !toChannel;
  part('notice').hidden = false;
}

function hideNotice() {
  part('notice').hidden = true;
  setText(part('notice-text'), '');
}

/** On a narrow screen an answer may come while another view is open. */
function tellElsewhere(line) {
  if (line && getComputedStyle(part('log')).visibility === 'hidden') tell(line, true);
}

// --- status, title, views -------------------------------------------------------------------------------------------

function showStatus() {
  const { words } = page;
  const lost = connection.state === 'lost';
  const status = part('status');
  setAttribute(status, 'data-state', connection.state);
  const since = lost ? page.zone.timeWithSeconds(lostAt) : '';
  const text = lost ? words('status.lost', { since }) : words(`status.${connection.state}`);
  setText(part('status-text'), connection.reason ? `${text} (${connection.reason})` : text);
  part('retry').hidden = !lost;
  const viewer = server.greeted && !page.mayRun;
  part('viewer').hidden = !viewer;
  part('demo').hidden = !server.demo;
  setText(part('person'), page.me.name);
  const stale = part('stale');
  stale.hidden = !lost;
  setText(stale, lost ? words('incidents.stale', { since }) : '');
  composer.configure(words, viewer ? words('composer.viewer') : server.greeted ? null : words('status.connecting'));
}

function showSummary() {
  const { words } = page;
  const waiting = inbox.waiting.length;
  const worst = incidents.worst;
  const title = [worst ? `${kMarks[worst]} ${worst}` : '', words('title')].filter(Boolean).join(' · ');
  document.title = waiting > 0 ? `(${waiting}) ${title}` : title;
  setAttribute(part('icon'), 'href', waiting > 0 ? '/assets/favicon-page.svg' : '/assets/favicon.svg');
  setText(part('pages-count'), waiting > 0 ? String(waiting) : '');
  setText(part('tab-pages-count'), waiting > 0 ? String(waiting) : '');
  setText(part('incidents-count'), incidents.openCount > 0 ? String(incidents.openCount) : '');
  setText(part('tab-incidents-count'), incidents.openCount > 0 ? String(incidents.openCount) : '');
  showNextClock();
}

function showNextClock() {
  const next = incidents.nextClock();
  const label = part('tab-next');
  label.hidden = next === null;
  setAttribute(label, 'data-level', next?.view.level);
  if (next === null) return;
  const { view } = next;
  setText(
    label,
    view.kind === 'lapsed'
      ? page.words('clock.lapsed', { span: formatSpan(-view.remaining, page.words) })
      : page.words('clock.remaining', { span: formatSpan(view.remaining, page.words, { up: true }) }),
  );
}

function showView(name) {
  document.body.dataset.view = name;
  for (const tab of document.querySelectorAll('[data-show]')) {
    setAttribute(tab, 'aria-current', tab.dataset.show === name ? 'true' : null);
  }
  if (name === 'channel') hideNotice();
}

function tick() {
  incidents.tick();
  showNextClock();
  setTimeout(tick, page.clock.untilNextSecond());
}

/** Words everything again: language, zone, person or rights have changed. */
function redraw() {
  page.words = wordsIn(settings.language);
  document.documentElement.lang = settings.language;
  setAttribute(part('log'), 'lang', server.locale);
  wordFixedParts(document, page.words);
  for (const name of ['aria-label', 'title']) setAttribute(part('theme'), name, page.words(`theme.${settings.theme}`));
  channel.redraw();
  incidents.redraw();
  inbox.redraw();
  showStatus();
  showSummary();
}

function start() {
  part('theme').addEventListener('click', () => {
    settings.nextTheme();
    redraw();
  });
  part('language').addEventListener('click', () => {
    settings.switchLanguage();
    redraw();
  });
  part('retry').addEventListener('click', () => link.retryNow());
  part('reload').addEventListener('click', () => location.reload());
  part('notice-close').addEventListener('click', hideNotice);
  part('notice-show').addEventListener('click', () => showView('channel'));
  for (const tab of document.querySelectorAll('[data-show]')) {
    tab.addEventListener('click', () => showView(tab.dataset.show));
  }
  document.addEventListener('keydown', (event) => {
    // A slash begins every command: wherever one is, it leads to the input.
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest('textarea, input')) return;
    showView('channel');
    composer.focus();
  });
  showView('channel');
  redraw();
  for (const command of outbox.unanswered) channel.putCommand(command);
  link.start();
  tick();
}

start();
