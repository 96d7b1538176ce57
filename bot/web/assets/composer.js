// Where commands are typed: completion, history, several lines, and input methods that compose (Chinese, Japanese):
// while one is composing, Enter and the arrows belong to it.
import { element, setAttribute, setText } from './dom.js';

const kHistoryKey = 'tocsin.history';
const kMaxHistory = 100;
const kCompleteAfterMs = 80; // without a further key
const kMaxCompletedText = 300; // longer is prose: nothing to complete

export class Composer {
  #words;
  #form;
  #input;
  #popup;
  #announce;
  #onSend;
  #onComplete;
  #storage;
  #seq = 0; // of the completions that are awaited
  #timer = 0;
  #options = []; // {text, node}
  #chosen = -1;
  #history;
  #place = null; // in the history while walking through it
  #draft = '';

  /**
   * `onSend(text)`; `onComplete(seq, text)` asks for completions of what stands before the caret; `announce(text)`
   * tells a screen reader; `storage` like sessionStorage, or null.
   */
  constructor({ form, popup, words, onSend, onComplete, announce, storage }) {
    this.#form = form;
    this.#input = form.querySelector('textarea');
    this.#popup = popup;
    this.#words = words;
    this.#onSend = onSend;
    this.#onComplete = onComplete;
    this.#announce = announce;
    this.#storage = storage;
    this.#history = this.#loadHistory();
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#input.addEventListener('keydown', (event) => this.#onKey(event));
    this.#input.addEventListener('input', (event) => this.#onInput(event));
    this.#input.addEventListener('compositionend', () => this.#ask());
    this.#input.addEventListener('blur', () => this.#close());
    // A press on a completion must not take the focus (and with it the keyboard of a phone) away.
    popup.addEventListener('pointerdown', (event) => event.preventDefault());
  }

  /** Words and state: `reason` (text) disables the input and says why; null enables it. */
  configure(words, reason) {
    this.#words = words;
    const disabled = reason !== null;
    this.#input.disabled = disabled;
    this.#form.querySelector('button[type=submit]').disabled = disabled;
    this.#form.classList.toggle('disabled', disabled);
    const note = this.#form.querySelector('.composer-note');
    setText(note, reason ?? words('composer.keys'));
    note.classList.toggle('reason', disabled);
    setAttribute(this.#input, 'placeholder', disabled ? words('status.viewer') : words('composer.placeholder'));
    if (disabled) this.#close();
  }

  focus() {
    this.#input.focus();
  }

  /** Puts `text` at the caret, with a space before it where one is missing. */
  insert(text) {
    const { selectionStart, selectionEnd, value } = this.#input;
    const before = value.slice(0, selectionStart);
    this.#input.setRangeText(
      `${before && !/\s$/.test(before) ? ' ' : ''}${text} `,
      selectionStart,
      selectionEnd,
      'end',
    );
    this.#resize();
    this.focus();
  }

  /** Completions as they come from the server; answers to older questions are left out. */
  show(seq, items) {
    if (seq !== this.#seq || document.activeElement !== this.#input) return;
    const before = this.#beforeCaret();
    const useful = items.filter(({ text }) => text && text !== before);
    if (useful.length === 0) {
      this.#close();
      return;
    }
    this.#chosen = -1;
    this.#options = useful.map(({ text, help }, index) => {
      const node = element(
        'li',
        { class: 'completion', role: 'option', id: `completion-${index}`, 'aria-selected': 'false' },
        element('span', { class: 'completion-text', text }),
        element('span', { class: 'completion-help', text: help }),
      );
      node.addEventListener('click', () => this.#take(index));
      return { text, node };
    });
    this.#popup.replaceChildren(...this.#options.map(({ node }) => node));
    this.#popup.hidden = false;
    this.#popup.scrollTop = 0;
    setAttribute(this.#input, 'aria-controls', this.#popup.id);
    setAttribute(this.#input, 'aria-activedescendant', null);
    this.#announce(this.#words('completion.count', { count: useful.length }));
  }

  #onKey(event) {
    // 229: Safari ends the composition before it reports the Enter that ended it.
    if (event.isComposing || event.keyCode === 229) return;
    const open = !this.#popup.hidden;
    const plain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (open && this.#chosen >= 0) this.#take(this.#chosen);
      else this.#send();
    } else if (open && plain && event.key === 'Tab') {
      event.preventDefault();
      this.#take(Math.max(0, this.#chosen));
    } else if (open && plain && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      this.#choose(event.key === 'ArrowDown' ? 1 : -1);
    } else if (open && event.key === 'Escape') {
      event.preventDefault();
      this.#close();
    } else if (plain && event.key === 'ArrowUp' && this.#caretLine('first')) {
      if (this.#walk(-1)) event.preventDefault();
    } else if (plain && event.key === 'ArrowDown' && this.#place !== null && this.#caretLine('last')) {
      if (this.#walk(1)) event.preventDefault();
    }
  }

  #onInput(event) {
    this.#place = null;
    this.#resize();
    if (!event.isComposing) this.#ask();
  }

  #ask() {
    clearTimeout(this.#timer);
    this.#seq += 1; // what is still on its way is for another text
    const text = this.#beforeCaret();
    if (!text.trim() || text.length > kMaxCompletedText || text.includes('\n')) {
      this.#close();
      return;
    }
    const seq = this.#seq;
    this.#timer = setTimeout(() => this.#onComplete(seq, text), kCompleteAfterMs);
  }

  #choose(step) {
    const count = this.#options.length;
    const from = this.#chosen < 0 ? (step > 0 ? -1 : count) : this.#chosen;
    this.#chosen = (from + step + count) % count;
    this.#options.forEach(({ node }, index) => setAttribute(node, 'aria-selected', String(index === this.#chosen)));
    const { node } = this.#options[this.#chosen];
    setAttribute(this.#input, 'aria-activedescendant', node.id);
    node.scrollIntoView({ block: 'nearest' });
  }

  #take(index) {
    const { text } = this.#options[index];
    const after = this.#input.value.slice(this.#input.selectionStart);
    this.#set(text + after, text.length);
    this.#ask();
  }

  #send() {
    const text = this.#input.value.trim();
    if (!text || this.#input.disabled) return;
    this.#remember(text);
    this.#set('', 0);
    this.#seq += 1;
    clearTimeout(this.#timer);
    this.#onSend(text);
  }

  #set(value, caret = value.length) {
    this.#input.value = value;
    this.#input.setSelectionRange(caret, caret);
    this.#resize();
    this.#close();
  }

  #close() {
    this.#popup.hidden = true;
    this.#popup.replaceChildren();
    this.#options = [];
    this.#chosen = -1;
    setAttribute(this.#input, 'aria-controls', null);
    setAttribute(this.#input, 'aria-activedescendant', null);
  }

  #beforeCaret() {
    return this.#input.value.slice(0, this.#input.selectionStart);
  }

  #caretLine(which) {
    const { value, selectionStart, selectionEnd } = this.#input;
    if (selectionStart !== selectionEnd) return false;
    return which === 'first'
      ? !value.slice(0, selectionStart).includes('\n')
      : !value.slice(selectionEnd).includes('\n');
  }

  #walk(step) {
    if (this.#history.length === 0) return false;
    if (this.#place === null) {
      this.#draft = this.#input.value;
      this.#place = this.#history.length;
    }
    const next = this.#place + step;
    if (next < 0) return true;
    this.#place = Math.min(next, this.#history.length);
    this.#set(this.#place === this.#history.length ? this.#draft : this.#history[this.#place]);
    if (this.#place === this.#history.length) this.#place = null;
    return true;
  }

  #resize() {
    this.#input.style.height = 'auto';
    this.#input.style.height = `${this.#input.scrollHeight}px`;
  }

  #remember(text) {
    this.#place = null;
    if (this.#history.at(-1) !== text) this.#history.push(text);
    this.#history = this.#history.slice(-kMaxHistory);
    try {
      this.#storage?.setItem(kHistoryKey, JSON.stringify(this.#history));
    } catch {
      // Full or forbidden: the history lasts as long as the page.
    }
  }

  #loadHistory() {
    try {
      const kept = JSON.parse(this.#storage?.getItem(kHistoryKey) ?? '[]');
      return Array.isArray(kept) ? kept.filter((text) => typeof text === 'string').slice(-kMaxHistory) : [];
    } catch {
      return [];
    }
  }
}
