// Time as the page shows it. The server's clock is the only one that counts; nothing here reads the wall clock of the
// device, which may be wrong.

/** The server's clock, carried forward by the monotonic clock of the browser. */
export class ServerClock {
  #now = 0; // server ms at the moment of `#at`
  #at = 0; // performance.now() then
  #rate = 1;
  #monotonic;

  /** @param monotonic returns ms that never jump back; given by tests */
  constructor(monotonic = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** @returns whether the server's time is known */
  get known() {
    return this.#now > 0;
  }

  /** Server ms for each real ms: not 1 only under a test clock. */
  get rate() {
    return this.#rate;
  }

  /**
   * Takes the server's time over. `rate` defaults to the one known. `travel`: real ms the answer took, if known; half
   * of it is counted as already past.
   */
  set(now, rate = this.#rate, travel = 0) {
    this.#rate = Number.isFinite(rate) && rate > 0 ? rate : 1;
    this.#now = now + (travel / 2) * this.#rate;
    this.#at = this.#monotonic();
  }

  /** Server time now, ms since the epoch; the time of the device before the first hello. */
  now() {
    return this.known ? this.#now + (this.#monotonic() - this.#at) * this.#rate : Date.now();
  }

  /** Real ms until the server's clock shows the next full second: when countdowns change. At least 100. */
  untilNextSecond() {
    return Math.max(100, (1000 - (this.now() % 1000)) / this.#rate);
  }
}

const kSecond = 1000;
const kMinute = 60 * kSecond;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

/**
 * A length of time: `2:10` is minutes and seconds, from an hour on the two largest units ("1 h 58 min").
 * @param words the translate function
 */
export function formatSpan(ms, words, { up = false } = {}) {
  const whole = up ? Math.ceil(ms / kSecond) : Math.floor(ms / kSecond);
  const seconds = Math.max(0, whole);
  if (seconds * kSecond < kHour) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const days = Math.floor((seconds * kSecond) / kDay);
  const hours = Math.floor((seconds * kSecond) / kHour) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) return words('span.days', { days }) + (hours ? ' ' + words('span.hours', { hours }) : '');
  return words('span.hours', { hours }) + (minutes ? ' ' + words('span.minutes', { minutes }) : '');
}

/** Times of day and dates in one zone. */
export class ZoneFormat {
  #time;
  #seconds;
  #date;

  /** @param zone IANA name; an unknown one falls back to UTC, and `zone` says which is used */
  constructor(zone) {
    try {
      new Intl.DateTimeFormat('en-GB', { timeZone: zone });
      this.zone = zone || 'UTC';
    } catch {
      this.zone = 'UTC';
    }
    const base = { timeZone: this.zone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' };
    this.#time = new Intl.DateTimeFormat('en-GB', base);
    this.#seconds = new Intl.DateTimeFormat('en-GB', { ...base, second: '2-digit' });
    this.#date = new Intl.DateTimeFormat('en-CA', {
      timeZone: this.zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
  }

  /** `03:15` */
  time(ms) {
    return this.#time.format(ms);
  }

  /** `03:15:07` */
  timeWithSeconds(ms) {
    return this.#seconds.format(ms);
  }

  /** `2026-11-23`: equal for two instants of one local day */
  day(ms) {
    return this.#date.format(ms);
  }

  /** `03:15`, with the date in front when it is not the day of `now`: `11-24 03:15` */
  moment(ms, now) {
    return this.day(ms) === this.day(now) ? this.time(ms) : `${this.day(ms).slice(5)} ${this.time(ms)}`;
  }

  /** `11-23 Mon` in the given language */
  dayName(ms, language) {
    const weekday = new Intl.DateTimeFormat(language, { timeZone: this.zone, weekday: 'short' }).format(ms);
    return `${this.day(ms).slice(5)} ${weekday}`;
  }
}

/**
 * What one clock of an incident shows at `now` (server ms). `kind`: running, paused, met, late (reached after its
 * deadline), lapsed (past its deadline, not reached). `part` of the target used, 0..1. `level`: calm, half (from 50 %),
 * close (from 80 %), over.
 */
export function readClock(clock, now) {
  const target = clock.target_ms;
  const view = { kind: clock.state, target, deadline: clock.deadline, metAt: clock.met_at, elapsed: clock.elapsed_ms };
  if (clock.state === 'running') {
    // Counted back from the deadline, which carries the pauses; the start does not.
    view.elapsed = clock.deadline !== null && target > 0 ? target - (clock.deadline - now) : now - clock.started;
    if (clock.deadline !== null && now >= clock.deadline) view.kind = 'lapsed';
  } else if (clock.state === 'lapsed') {
    if (clock.met_at !== null) {
      view.kind = 'late';
    } else if (clock.deadline !== null) {
      view.elapsed = target + (now - clock.deadline);
    }
  } else if (clock.state === 'met' && target > 0 && clock.elapsed_ms > target) {
    view.kind = 'late';
  }
  view.elapsed = Math.max(0, view.elapsed);
  view.remaining = target > 0 ? target - view.elapsed : null;
  view.part = target > 0 ? Math.min(1, view.elapsed / target) : 0;
  view.level = 'calm';
  if (view.kind === 'lapsed' || view.kind === 'late') {
    view.level = 'over';
    view.part = 1;
  } else if (view.kind !== 'met' && target > 0) {
    if (view.part >= 0.8) view.level = 'close';
    else if (view.part >= 0.5) view.level = 'half';
  }
  return view;
}
