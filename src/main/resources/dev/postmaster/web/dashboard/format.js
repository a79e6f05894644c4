// Time and text as people read them. The clock is the server's: the browser's own wall clock is
// never asked, so that neither a wrong one nor one that jumps shows anywhere.

/** The server's time, carried on by the browser's monotonic clock. */
class Clock {
  #server = 0;
  #local = performance.now();
  #frozen = null;

  /** Sets it to what the server has just said, in epoch milliseconds. */
  set(now) {
    this.#server = now;
    this.#local = performance.now();
  }

  /** Monotonic milliseconds; stands still while frozen. */
  mono() {
    return this.#frozen?.mono ?? performance.now();
  }

  /** The server's epoch milliseconds; 0 while nothing is known. */
  now() {
    return this.#frozen?.now ??
      (this.#server === 0 ? 0 : this.#server + performance.now() - this.#local);
  }

  /** While frozen it may be set; that shows when it goes on. */
  freeze(on) {
    this.#frozen = on ? {mono: performance.now(), now: this.now()} : null;
  }
}

export const clock = new Clock();

const two = n => String(n).padStart(2, '0');

/** `12:03:11.480`, in the zone of whoever looks. */
export function time(at) {
  if (at === null || at === undefined) {
    return '–';
  }
  const d = new Date(at);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.` +
    String(d.getMilliseconds()).padStart(3, '0');
}

/** The same with the day before it: `2026-11-30 12:03:11.480`. */
export function dateTime(at) {
  if (at === null || at === undefined) {
    return '–';
  }
  const d = new Date(at);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${time(at)}`;
}

/** `480 ms`, `3.4 s`, `2 min 05 s`, `3 h 04 min`, `3 d 04 h`: two units at most. */
export function duration(ms) {
  if (ms === null || ms === undefined) {
    return '–';
  }
  if (ms < 1000) {
    return `${Math.max(0, Math.round(ms))} ms`;
  }
  const s = ms / 1000;
  if (s < 60) {
    return `${(Math.floor(s * 10) / 10).toFixed(1)} s`;
  }
  const whole = Math.floor(s);
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  }
  if (whole < 86400) {
    return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
  }
  return `${Math.floor(whole / 86400)} d ${two(Math.floor(whole / 3600) % 24)} h`;
}

// Controls, what turns the direction of text around, what is invisible (but for what makes a sign a
// picture), and half characters.
const HOSTILE = new RegExp(
  '[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e' +
  '\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb' +
  '\\u2800]|\\p{Cf}|(?!\\ufe0f)\\p{DI}|\\p{Cs}|\\p{Co}', 'gu');

/** Text of somebody else's, with every character visible; `-` where there is none. */
export function inert(text) {
  if (text === null || text === undefined) {
    return '–';
  }
  return String(text).replace(HOSTILE,
    c => '\\u' + c.codePointAt(0).toString(16).padStart(4, '0'));
}

/** Each state differs by shape and word, not by colour alone. */
const SHAPES = {
  FREE: '·', REGISTERED: '◌', STARTING: '◐', RUNNING: '●', STOPPING: '■', BACKOFF: '▲',
  PARKED: '◆', ABANDONED: '✖',
};

export const STATES = Object.keys(SHAPES);

export function shape(state) {
  return SHAPES[state] ?? '?';
}

/** Who is not as he should be, as `status --check` has it. */
export function isUnhealthy(worker) {
  return worker.state === 'BACKOFF' || worker.state === 'PARKED' || worker.state === 'ABANDONED' ||
    worker.state === 'RUNNING' && !worker.ready;
}

/** How a run ended, in one line: `FAILED 1: connection refused`. */
export function ending(end) {
  if (!end || !end.exit) {
    return null;
  }
  const code = end.code === null || end.code === undefined || end.exit === 'COMPLETED'
    ? '' : ` ${end.code}`;
  return end.message ? `${end.exit}${code}: ${inert(end.message)}` : end.exit + code;
}

const whole = new Intl.NumberFormat('en');

/** `12,345`. */
export const number = n => whole.format(n);

export function plural(n, one, many = one + 's') {
  return `${number(n)} ${n === 1 ? one : many}`;
}
