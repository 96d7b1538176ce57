// Commands that have no answer yet. Each has an id that it keeps for ever, so the server runs it once however often it
// is sent. Kept in sessionStorage: a phone that throws the tab away does not forget what it asked for.

const kKey = 'tocsin.unanswered';
const kMaxKept = 50;
const kStateAfterReload = { unsent: 'unsent', 'old-unsent': 'unsent', accepted: 'accepted' };

/** Older than this, a command is not sent again by itself: the situation it was typed for may be over. */
export const kResendWithinMs = 60_000;

/** A random UUID; `crypto.randomUUID` exists only on https and on loopback. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * States of a command: `unsent` (never left the page), `sent` (waits for an answer), `unknown` (the connection broke
 * before an answer), `old-unsent` and `old-unknown` (the same, too old to go again without being asked), then
 * `accepted`, `done`, `refused`. `onChange(command)` is called for each change.
 */
export class Outbox {
  #commands = new Map();
  #send;
  #onChange;
  #storage;
  #now;

  /**
   * @param send(message) hands over to the link, returns whether that was possible
   * @param storage like sessionStorage, or null
   * @param now ms of the device; must survive a reload, hence not monotonic
   */
  constructor({ send, onChange, storage, now = () => Date.now() }) {
    this.#send = send;
    this.#onChange = onChange;
    this.#storage = storage;
    this.#now = now;
    for (const command of this.#load()) this.#commands.set(command.id, command);
  }

  /** Those without an answer, oldest first. */
  get unanswered() {
    return [...this.#commands.values()];
  }

  /** @param at server time of the wish (ms), or null when it is not known yet; `person`: the id of who wished it */
  submit(text, at, person) {
    const command = { id: newId(), text, at, person, typedAt: this.#now(), state: 'unsent' };
    this.#commands.set(command.id, command);
    this.#transmit(command);
    return command;
  }

  /**
   * After the server's hello as `person`: what is young and theirs goes out (again), the rest waits for a decision.
   * Nobody's command is ever sent in another's name.
   */
  onOpen(person) {
    for (const command of this.unanswered) {
      const age = this.#now() - command.typedAt;
      if (age >= 0 && age <= kResendWithinMs && command.person === person) {
        this.#transmit(command);
      } else if (command.state === 'accepted') {
        // The bot has it and answers in the channel: nothing is left to decide here.
        this.onReply(command.id);
      } else {
        this.#become(command, command.state.endsWith('unsent') ? 'old-unsent' : 'old-unknown');
      }
    }
  }

  onLost() {
    for (const command of this.unanswered) {
      if (command.state === 'sent') this.#become(command, 'unknown');
    }
  }

  onResult(id, state) {
    const command = this.#commands.get(id);
    if (!command) return;
    if (state !== 'accepted') this.#forget(command);
    // Why it was refused stands in its answer.
    this.#become(command, state === 'refused' && command.replied ? 'done' : state);
  }

  /**
   * An answer in the channel says as much as a result that got lost with the connection. While the result is on its way
   * it does not: the bot may die before it has stored what it said, and whoever comes later would not see it.
   */
  onReply(id) {
    const command = this.#commands.get(id);
    if (!command) return;
    if (command.state === 'sent') {
      command.replied = true;
      return;
    }
    this.#forget(command);
    this.#become(command, 'done');
  }

  /** Sends again now, whatever its age, under the same id: `person` took the decision. */
  retry(id, person) {
    const command = this.#commands.get(id);
    if (!command) return;
    command.person = person;
    this.#transmit(command);
  }

  discard(id) {
    const command = this.#commands.get(id);
    if (command) this.#forget(command);
  }

  #transmit(command) {
    const message = { type: 'command', id: command.id, text: command.text };
    if (command.at !== null) message.at = Math.round(command.at);
    if (this.#send(message)) {
      this.#become(command, 'sent');
    } else {
      this.#become(command, command.state.endsWith('unsent') ? 'unsent' : 'unknown');
    }
  }

  #become(command, state) {
    command.state = state;
    this.#save();
    this.#onChange(command);
  }

  #forget(command) {
    this.#commands.delete(command.id);
    this.#save();
  }

  #save() {
    try {
      const kept = this.unanswered.slice(-kMaxKept);
      if (kept.length === 0) this.#storage?.removeItem(kKey);
      else this.#storage?.setItem(kKey, JSON.stringify(kept));
    } catch {
      // Full or forbidden: then a reload forgets, which is what happens without storage too.
    }
  }

  #load() {
    try {
      const kept = JSON.parse(this.#storage?.getItem(kKey) ?? '[]');
      return kept
        .filter((item) => typeof item?.id === 'string' && typeof item.text === 'string')
        .map((item) => ({
          id: item.id,
          text: item.text,
          at: Number.isFinite(item.at) ? item.at : null,
          person: String(item.person ?? ''),
          typedAt: Number(item.typedAt) || 0,
          state: kStateAfterReload[item.state] ?? 'unknown',
        }));
    } catch {
      return [];
    }
  }
}
