// The channel: messages in the order they came, each edited in place when its key comes again; commands of this
// person that have no answer yet; staying at the newest message unless the reader has scrolled away.
import { viewOf } from './blocks.js';
import { element, setAttribute, setText, smallButton } from './dom.js';
import { formatSpan } from './time.js';

const kMaxShown = 400; // older ones leave the page; the bot keeps them
const kNearEndPx = 48;
const kSettledMs = 3000; // real; an edit before that is part of the arrival
const kTones = {
  '🔴': 'p0',
  '🟠': 'p1',
  '🟡': 'p2',
  '🔵': 'p3',
  '⛔': 'refused',
  '⏰': 'p0',
  '⚠': 'p1',
  '🆘': 'p0',
  '✅': 'good',
};

export const commandKey = (id) => `command:${id}`;

/** The first line of the first text of an entry. */
export function firstLine(entry) {
  const block = entry.blocks.find(({ kind, text }) => (kind === 'text' || kind === 'progress') && text);
  return block ? block.text.split('\n')[0] : '';
}

export class Channel {
  #page; // what the page shares: words, zone, clock, run, mayRun, me
  #scroller;
  #list;
  #empty;
  #older;
  #latest;
  #rows = new Map(); // key -> row
  #pinned = true;
  #unseen = 0;
  #onRetry;
  #onDiscard;

  constructor({ page, scroller, latest, onRetry, onDiscard }) {
    this.#page = page;
    this.#scroller = scroller;
    this.#latest = latest;
    this.#onRetry = onRetry;
    this.#onDiscard = onDiscard;
    this.#list = scroller.querySelector('.entries');
    this.#empty = scroller.querySelector('.channel-empty');
    this.#older = scroller.querySelector('.channel-older');
    scroller.addEventListener('scroll', () => {
      this.#pinned = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < kNearEndPx;
      if (this.#pinned) this.#unseen = 0;
      this.#showLatest();
    });
    latest.addEventListener('click', () => this.toEnd());
    // The composer grows, a keyboard slides in, a picture loads: whoever was at the end stays there.
    const follow = new ResizeObserver(() => this.#follow());
    follow.observe(scroller);
    follow.observe(this.#list);
  }

  /** Adds an entry, or replaces the one of the same key in place. Returns whether it is new. */
  put(entry) {
    const known = this.#rows.get(entry.key);
    if (known) {
      const local = known.entry.local;
      known.entry = entry;
      this.#fill(known, !local);
      this.#follow();
      return false;
    }
    this.#append(entry);
    return true;
  }

  /** Shows the state of a command of this page, making its row if the bot has not echoed it yet. */
  putCommand(command) {
    const key = commandKey(command.id);
    if (!this.#rows.has(key)) {
      this.#append({
        key,
        local: true,
        at: command.at ?? this.#page.clock.now(),
        edited_at: null,
        author: { ...this.#page.me, bot: false },
        reply_to: '',
        private: false,
        blocks: [{ kind: 'text', text: command.text }],
      });
      this.toEnd();
    }
    const row = this.#rows.get(key);
    row.command = command;
    this.#showState(row);
  }

  /** Removes a command the person gave up. */
  removeCommand(id) {
    const row = this.#rows.get(commandKey(id));
    if (!row?.entry.local) return;
    row.node.remove();
    this.#rows.delete(row.entry.key);
    this.#showEmpty();
  }

  /** Forgets everything: the server starts over. */
  clear() {
    for (const row of this.#rows.values()) row.node.remove();
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#older.hidden = true;
    this.#unseen = 0;
    this.#showEmpty();
  }

  /** Builds all rows again: language, zone or rights have changed. */
  redraw() {
    const kept = [...this.#rows.values()].map(({ entry, command }) => ({ entry, command }));
    const older = this.#older.hidden;
    const pinned = this.#pinned;
    const top = this.#scroller.scrollTop;
    this.clear();
    this.#older.hidden = older;
    for (const { entry, command } of kept) {
      this.#append(entry);
      if (command) this.putCommand(command);
    }
    this.#unseen = 0;
    this.#pinned = pinned;
    if (pinned) this.toEnd();
    else this.#scroller.scrollTop = top;
    this.#showLatest();
  }

  toEnd() {
    this.#pinned = true;
    this.#unseen = 0;
    this.#follow();
    this.#showLatest();
  }

  #append(entry) {
    const previous = [...this.#rows.values()].at(-1) ?? null;
    const row = this.#makeRow(entry);
    this.#rows.set(entry.key, row);
    const day = this.#page.zone.day(entry.at);
    if (!previous || this.#page.zone.day(previous.entry.at) !== day) {
      this.#list.append(
        element('li', {
          class: 'day',
          data: { day },
          text: this.#page.zone.dayName(entry.at, this.#page.words.language),
        }),
      );
    }
    this.#fill(row, false, previous);
    this.#list.append(row.node);
    if (this.#rows.size > kMaxShown) this.#dropOldest();
    if (!this.#pinned) this.#unseen += 1;
    this.#showEmpty();
    this.#showLatest();
    this.#follow();
  }

  #makeRow(entry) {
    const time = element('time', { class: 'entry-time' });
    const name = element('span', { class: 'entry-name' });
    const tags = element('span', { class: 'entry-tags' });
    const quote = element('p', { class: 'entry-quote' });
    const body = element('div', { class: 'entry-body' });
    const state = element('div', { class: 'entry-state' });
    const node = element(
      'li',
      { class: 'entry', tabindex: '-1' },
      time,
      element('div', { class: 'entry-main' }, element('div', { class: 'entry-head' }, name, tags), quote, body, state),
    );
    const shownAt = performance.now();
    return { entry, node, time, name, tags, quote, body, state, shownAt, views: [], command: null };
  }

  #fill(row, edited, previous = null) {
    const { entry, node } = row;
    const { words, zone } = this.#page;
    const bot = entry.author.bot;
    node.dataset.key = entry.key;
    node.classList.toggle('bot', bot);
    node.classList.toggle('human', !bot);
    node.classList.toggle('slash', !bot && firstLine(entry).startsWith('/'));
    const tone = kTones[[...firstLine(entry)][0]] ?? null;
    setAttribute(node, 'data-tone', bot ? tone : null);
    setText(row.time, zone.time(entry.at));
    row.time.dateTime = new Date(entry.at).toISOString();
    row.time.title = `${zone.day(entry.at)} ${zone.timeWithSeconds(entry.at)}`;
    setText(row.name, entry.author.name || entry.author.id || (bot ? words('brand') : '?'));

    const tags = [];
    if (entry.private) tags.push(['tag private', words('entry.private')]);
    if (entry.edited_at !== null && entry.edited_at > entry.at) {
      tags.push(['faint edited', words('entry.edited', { time: zone.moment(entry.edited_at, entry.at) })]);
    }
    row.tags.replaceChildren(...tags.map(([name, text]) => element('span', { class: name, text })));
    if (previous) {
      // An answer right under its command needs no quotation, a second line of one author no second name.
      row.follows = previous.entry.key === commandKey(entry.reply_to);
      node.classList.toggle('follows', row.follows);
      node.classList.toggle('same-time', zone.time(previous.entry.at) === row.time.textContent);
    }
    const asked = entry.reply_to && !row.follows ? this.#rows.get(commandKey(entry.reply_to)) : null;
    row.quote.hidden = !asked;
    if (asked)
      setText(row.quote, words('entry.reply', { name: asked.entry.author.name, text: firstLine(asked.entry) }));

    this.#fillBlocks(row);
    this.#showState(row);
    if (edited && performance.now() - row.shownAt > kSettledMs) this.#mark(node);
  }

  // Blocks that did not change keep their nodes; one of the same kind is updated; focus goes to the same command.
  #fillBlocks(row) {
    const focused = row.body.contains(document.activeElement) ? document.activeElement : null;
    const views = row.entry.blocks.map((block, index) => {
      const source = JSON.stringify(block);
      const old = row.views[index];
      if (old && old.source === source) return old;
      if (old && old.kind === block.kind && old.update) {
        old.update(block);
        return Object.assign(old, { source });
      }
      return { ...viewOf(block, this.#page), kind: block.kind, source };
    });
    const nodes = views.map(({ node }) => node);
    if (row.views.length !== views.length || row.views.some(({ node }, index) => node !== nodes[index])) {
      row.body.replaceChildren(...nodes);
    }
    row.views = views;
    if (focused && !row.body.contains(document.activeElement)) {
      const same = [...row.body.querySelectorAll('button, a, [tabindex]')].find(
        (node) => node === focused || (focused.dataset.command && node.dataset.command === focused.dataset.command),
      );
      (same ?? row.node).focus({ preventScroll: true });
    }
  }

  // A short tint says where something changed; the style sheet drops it for those who want no motion.
  #mark(node) {
    node.classList.remove('changed');
    requestAnimationFrame(() => node.classList.add('changed'));
  }

  #showState(row) {
    const { words, clock } = this.#page;
    const command = row.command;
    const state = command?.state;
    const shown = state && state !== 'done';
    setAttribute(row.node, 'data-state', shown ? state : null);
    if (!shown) {
      row.state.replaceChildren();
      return;
    }
    const old = state.startsWith('old-');
    const span = formatSpan(Math.max(0, clock.now() - row.entry.at), words);
    const parts = [element('span', { text: words(`command.${state}`, { span }) })];
    if (old) {
      parts.push(
        smallButton(words('command.retry'), () => this.#onRetry(command.id)),
        smallButton(words('command.discard'), () => this.#onDiscard(command.id)),
      );
    }
    row.state.replaceChildren(...parts);
  }

  #dropOldest() {
    const [key, row] = this.#rows.entries().next().value;
    row.node.remove();
    this.#rows.delete(key);
    const first = this.#list.firstElementChild;
    if (first?.classList.contains('day') && first.nextElementSibling?.classList.contains('day')) first.remove();
    this.#older.hidden = false;
  }

  #showEmpty() {
    this.#empty.hidden = this.#rows.size > 0;
  }

  #showLatest() {
    this.#latest.hidden = this.#pinned;
    setText(
      this.#latest,
      this.#unseen > 0
        ? `↓ ${this.#page.words('channel.new', { count: this.#unseen })}`
        : `↓ ${this.#page.words('channel.latest')}`,
    );
  }

  #follow() {
    if (this.#pinned) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}
