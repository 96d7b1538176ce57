// The pages of this person: who is called, for what, and the buttons that answer. A page that is new is spoken at
// once by screen readers (assertive); nothing else on this page interrupts.
import { buttonView } from './blocks.js';
import { arrange, element, setAttribute, setText } from './dom.js';

const kWordedStates = ['queued', 'sending', 'accepted', 'delivered', 'seen', 'acknowledged', 'failed', 'superseded'];

/** A page still waits for its person: it has something to press. */
export const waits = (page) => page.buttons.length > 0;

export class Inbox {
  #page;
  #list;
  #empty;
  #bar;
  #announce;
  #pages = [];
  #views = new Map(); // id -> {node, source}
  #spoken = new Set();
  #barSource = '';

  /** `bar`: the strip above the composer of a narrow screen; `announce(text)` speaks assertively. */
  constructor({ page, section, bar, announce }) {
    this.#page = page;
    this.#list = section.querySelector('ul');
    this.#empty = section.querySelector('.empty');
    this.#bar = bar;
    this.#announce = announce;
  }

  get waiting() {
    return this.#pages.filter(waits);
  }

  show(pages) {
    this.#pages = [...pages].sort((left, right) => waits(right) - waits(left) || right.at - left.at);
    const fresh = this.waiting.filter(({ id }) => !this.#spoken.has(id));
    for (const { id } of fresh) this.#spoken.add(id);
    if (fresh.length > 0) this.#announce(fresh.map(({ text }) => this.#page.words('pages.new', { text })).join(' '));
    this.redraw();
  }

  redraw() {
    const { words, mayRun } = this.#page;
    const views = new Map();
    for (const page of this.#pages) {
      const source = JSON.stringify([page, mayRun, words.language]);
      const old = this.#views.get(page.id);
      views.set(page.id, old?.source === source ? old : { node: this.#makeNode(page), source });
    }
    this.#views = views;
    const focused = this.#list.contains(document.activeElement);
    arrange(
      this.#list,
      [...views.values()].map(({ node }) => node),
    );
    if (focused && !this.#list.contains(document.activeElement)) this.#list.focus({ preventScroll: true });
    this.#empty.hidden = this.#pages.length > 0;
    this.#drawBar();
  }

  #makeNode(page) {
    const { words, zone, clock } = this.#page;
    const state = kWordedStates.includes(page.state) ? words(`page.${page.state}`) : page.state;
    return element(
      'li',
      { class: 'page', data: { page: page.id, waits: String(waits(page)) } },
      element(
        'div',
        { class: 'page-head' },
        element('time', { text: zone.moment(page.at, clock.now()) }),
        element('span', { class: 'page-incident', text: page.incident }),
        element('span', { class: 'page-state', text: state }),
      ),
      element(
        'div',
        { class: 'page-text' },
        ...page.text.split('\n').map((text, index) => element('p', { class: index === 0 ? 'lead' : null, text })),
      ),
      waits(page) ? element('div', { class: 'buttons' }, ...this.#makeButtons(page)) : null,
    );
  }

  // Several pages may wait: what is read aloud says which one a button is for.
  #makeButtons(page) {
    return page.buttons.map((button) => {
      const node = buttonView(button, this.#page);
      setAttribute(node, 'aria-label', `${button.label} · ${page.text.split('\n')[0]}`);
      return node;
    });
  }

  #drawBar() {
    const page = this.waiting[0] ?? null;
    const source = JSON.stringify([page, this.#page.mayRun, this.#page.words.language]);
    if (source === this.#barSource) return;
    this.#barSource = source;
    this.#bar.hidden = page === null;
    this.#bar.replaceChildren();
    if (page === null) return;
    const text = element('span', { class: 'page-bar-text' });
    setText(text, page.text.split('\n')[0]);
    this.#bar.append(text, ...this.#makeButtons(page));
  }
}
