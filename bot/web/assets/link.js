// The WebSocket to the bot: connects, says hello, notices silence, reconnects. Knows nothing of what is said.
import { readFrame } from './wire.js';

const kFirstRetryMs = 250;
const kLongestRetryMs = 15_000;
const kHelloWithinMs = 8_000; // from the first attempt to the server's hello
const kPingAfterMs = 20_000; // of silence
const kPongWithinMs = 8_000;

/** Real ms to wait before attempt `attempt` (1, 2, …): doubling up to a cap, half of it by chance. */
export function retryDelay(attempt, random = Math.random) {
  const cap = Math.min(kLongestRetryMs, kFirstRetryMs * 2 ** Math.min(attempt - 1, 10));
  return cap / 2 + random() * (cap / 2);
}

/**
 * `onMessage(message)` gets each frame in its known shape; `onState({state, reason})` each change, where state is
 * `open` (the server's hello has come) or `lost` (told again after each attempt that failed).
 * `hello()` returns what to say first on every new connection.
 */
export class Link {
  #url;
  #hello;
  #onMessage;
  #onState;
  #socket = null;
  #state = 'connecting';
  #attempt = 0;
  #timer = 0; // the next attempt, or the limit of this one
  #quiet = 0; // the next ping, or the limit of its answer
  #pingSentAt = null;

  constructor({ url, hello, onMessage, onState }) {
    this.#url = url;
    this.#hello = hello;
    this.#onMessage = onMessage;
    this.#onState = onState;
  }

  start() {
    this.#connect();
    addEventListener('online', () => this.retryNow());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      // A device that slept has a stopped monotonic clock and perhaps a dead socket: ask at once.
      if (this.#state === 'open') this.#ping();
      else this.retryNow();
    });
  }

  get open() {
    return this.#state === 'open';
  }

  /** Tries at once if it was waiting; an attempt under way goes on. */
  retryNow() {
    if (this.#socket === null) this.#connect();
  }

  /** Hands one message to the socket. False: it was not even tried. */
  send(message) {
    if (!this.open || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#attempt += 1;
    let socket;
    try {
      socket = new WebSocket(this.#url);
    } catch {
      this.#lose('');
      return;
    }
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#drop(''), kHelloWithinMs);
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'hello', ...this.#hello() })));
    socket.addEventListener('message', (event) => this.#read(socket, event.data));
    socket.addEventListener('close', (event) => {
      if (socket === this.#socket) this.#lose(event.reason);
    });
  }

  #read(socket, data) {
    if (socket !== this.#socket || typeof data !== 'string') return;
    const message = readFrame(data);
    if (message === null) {
      console.warn('tocsin: a frame that is not of the protocol was left out');
      return;
    }
    const travel = message.type === 'pong' && this.#pingSentAt !== null ? performance.now() - this.#pingSentAt : 0;
    this.#listen();
    if (message.type === 'hello' && this.#state !== 'open') {
      clearTimeout(this.#timer);
      this.#attempt = 0;
      this.#state = 'open';
      this.#onMessage(message);
      this.#onState({ state: 'open', reason: '' });
      return;
    }
    this.#onMessage(message.type === 'pong' ? { ...message, travel } : message);
  }

  // Any frame proves that the other side lives.
  #listen() {
    this.#pingSentAt = null;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#ping(), kPingAfterMs);
  }

  #ping() {
    if (this.#pingSentAt !== null || !this.send({ type: 'ping' })) return;
    this.#pingSentAt = performance.now();
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#drop(''), kPongWithinMs);
  }

  // A dead peer never answers our close either: do not wait for it.
  #drop(reason) {
    const socket = this.#socket;
    this.#lose(reason);
    socket?.close();
  }

  #lose(reason) {
    clearTimeout(this.#timer);
    clearTimeout(this.#quiet);
    this.#socket = null;
    this.#pingSentAt = null;
    this.#state = 'lost';
    this.#timer = setTimeout(() => this.#connect(), retryDelay(Math.max(1, this.#attempt)));
    this.#onState({ state: 'lost', reason });
  }
}
