// The open incidents with their running clocks: the only place of the page where something counts down. Rows stay in
// place and only their texts change, every second.
import { buttonView } from './blocks.js';
import { arrange, element, setAttribute, setText } from './dom.js';
import { formatSpan, readClock } from './time.js';

export const kMarks = { P0: '🔴', P1: '🟠', P2: '🟡', P3: '🔵' };
const kStatusOrder = { open: 0, acknowledged: 0, mitigated: 1, resolved: 2 };

const order = (left, right) =>
  kStatusOrder[left.status] - kStatusOrder[right.status] ||
  left.severity.localeCompare(right.severity) ||
  left.label.localeCompare(right.label, 'en', { numeric: true });

/** The words of one clock at `now`: the large text, the small one under the bar, and the instant that matters. */
export function wordClock(view, words, zone, now) {
  if (!(view.target > 0) && view.kind === 'running') {
    return {
      main: words('clock.running', { span: formatSpan(view.elapsed, words) }),
      note: words('clock.none'),
      when: '',
    };
  }
  const target = formatSpan(view.target, words);
  const elapsed = formatSpan(view.elapsed, words);
  const moment = (key, ms) => (ms === null ? '' : words(key, { time: zone.moment(ms, now) }));
  switch (view.kind) {
    case 'met':
      return {
        main: words('clock.met'),
        note: words('clock.note.done', { elapsed, target }),
        when: moment('clock.at', view.metAt),
      };
    case 'late':
      return {
        main: words('clock.late', { span: formatSpan(Math.max(0, view.elapsed - view.target), words) }),
        note: words('clock.note.done', { elapsed, target }),
        when: moment('clock.at', view.metAt),
      };
    case 'lapsed':
      return {
        main: words('clock.lapsed', { span: formatSpan(Math.max(0, -view.remaining), words) }),
        note: words('clock.note.running', { elapsed, target }),
        when: moment('clock.was', view.deadline),
      };
    case 'paused':
      return {
        main:
          view.remaining > 0
            ? words('clock.paused', { span: formatSpan(view.remaining, words, { up: true }) })
            : words('clock.paused.over'),
        note: words('clock.note.running', { elapsed, target }),
        when: '',
      };
    default:
      return {
        main: words('clock.remaining', { span: formatSpan(view.remaining, words, { up: true }) }),
        note: words('clock.note.running', { elapsed, target }),
        when: moment('clock.by', view.deadline),
      };
  }
}

class ClockView {
  #name;
  #title = element('span', { class: 'clock-name' });
  #when = element('span', { class: 'clock-when' });
  #main = element('span', { class: 'clock-main' });
  #fill = element('span', { class: 'clock-fill' });
  #note = element('span', { class: 'clock-note' });
  node;

  constructor(name) {
    this.#name = name;
    this.node = element(
      'div',
      { class: 'clock', role: 'group', data: { clock: name } },
      element('span', { class: 'clock-head' }, this.#title, this.#when),
      this.#main,
      element('span', { class: 'clock-bar', 'aria-hidden': 'true' }, this.#fill),
      this.#note,
    );
  }

  show(clock, { words, zone }, now) {
    this.node.hidden = clock === null;
    if (clock === null) return;
    const view = readClock(clock, now);
    const { main, note, when } = wordClock(view, words, zone, now);
    setText(this.#title, words(`clock.${this.#name}`));
    setText(this.#when, when);
    setAttribute(this.node, 'aria-label', this.#title.textContent);
    setAttribute(this.node, 'data-kind', view.kind);
    setAttribute(this.node, 'data-level', view.level);
    setText(this.#main, main);
    setText(this.#note, note);
    this.#fill.style.transform = `scaleX(${view.part.toFixed(4)})`;
  }
}

class IncidentView {
  #response = new ClockView('response');
  #recovery = new ClockView('recovery');
  #severity = element('span', { class: 'severity' });
  #label = element('button', { type: 'button', class: 'incident-label' });
  #status = element('span', { class: 'incident-status' });
  #flags = element('span', { class: 'incident-flags' });
  #title = element('h3', { class: 'incident-title' });
  #people = element('p', { class: 'incident-people' });
  #buttons = element('div', { class: 'buttons' });
  #buttonsSource = '';
  node;

  constructor(page) {
    this.page = page;
    this.#label.addEventListener('click', () => page.insert(this.item.label));
    this.node = element(
      'li',
      { class: 'incident' },
      element('div', { class: 'incident-head' }, this.#severity, this.#label, this.#flags, this.#status),
      this.#title,
      element('div', { class: 'clocks' }, this.#response.node, this.#recovery.node),
      this.#people,
      this.#buttons,
    );
  }

  show(item, now) {
    const { words } = this.page;
    this.item = item;
    setAttribute(this.node, 'data-incident', item.label);
    setAttribute(this.node, 'data-severity', item.severity);
    setAttribute(this.node, 'data-status', item.status);
    setText(this.#severity, `${kMarks[item.severity]} ${item.severity}`);
    setText(this.#label, item.label);
    setAttribute(this.#label, 'title', words('incident.insert', { label: item.label }));
    setText(this.#status, words(`incident.${item.status}`));
    const flags = [item.drill && 'drill', item.private && 'private'].filter(Boolean);
    this.#flags.replaceChildren(
      ...flags.map((flag) => element('span', { class: 'tag', text: words(`incident.${flag}`) })),
    );
    setText(this.#title, item.title);
    setText(
      this.#people,
      [
        item.assignee ? words('incident.assignee', { name: item.assignee }) : words('incident.nobody'),
        item.commander ? words('incident.commander', { name: item.commander }) : '',
      ]
        .filter(Boolean)
        .join(' · '),
    );
    const source = JSON.stringify([item.buttons, this.page.mayRun, words.language]);
    if (source !== this.#buttonsSource) {
      this.#buttonsSource = source;
      arrange(
        this.#buttons,
        item.buttons.map((button) => buttonView(button, this.page)),
      );
      this.#buttons.hidden = item.buttons.length === 0;
    }
    this.tick(now);
  }

  tick(now) {
    this.#response.show(this.item.response, this.page, now);
    this.#recovery.show(this.item.recovery, this.page, now);
  }
}

export class Incidents {
  #page;
  #list;
  #empty;
  #items = null; // null: the bot has not said
  #views = new Map(); // id -> IncidentView

  constructor({ page, section }) {
    this.#page = page;
    this.#list = section.querySelector('ul');
    this.#empty = section.querySelector('.empty');
  }

  /** The whole list, as the server sends it. */
  show(items) {
    this.#items = [...items].sort(order);
    this.redraw();
  }

  redraw() {
    const items = this.#items ?? [];
    const now = this.#page.clock.now();
    const views = new Map();
    for (const item of items) {
      const view = this.#views.get(item.id) ?? new IncidentView(this.#page);
      view.show(item, now);
      views.set(item.id, view);
    }
    this.#views = views;
    arrange(
      this.#list,
      [...views.values()].map(({ node }) => node),
    );
    this.#empty.hidden = items.length > 0;
    setText(this.#empty, this.#page.words(this.#items === null ? 'incidents.unknown' : 'incidents.empty'));
  }

  tick() {
    const now = this.#page.clock.now();
    for (const view of this.#views.values()) view.tick(now);
  }

  get openCount() {
    return (this.#items ?? []).filter(({ status }) => status !== 'resolved').length;
  }

  /** The worst severity among the open ones, or null. */
  get worst() {
    return (
      (this.#items ?? [])
        .filter(({ status }) => status !== 'resolved')
        .map(({ severity }) => severity)
        .sort()[0] ?? null
    );
  }

  /** The running clock that ends (or ended) first: `{view, severity}`, or null when nothing counts. */
  nextClock() {
    const now = this.#page.clock.now();
    let next = null;
    for (const { response, recovery, severity } of this.#items ?? []) {
      for (const clock of [response, recovery]) {
        if (clock === null || clock.deadline === null) continue;
        const view = readClock(clock, now);
        if (view.kind !== 'running' && view.kind !== 'lapsed') continue;
        if (next === null || clock.deadline < next.view.deadline) next = { view, severity };
      }
    }
    return next;
  }
}
