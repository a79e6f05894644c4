// The state that the feed tells of: a snapshot, and what came since. Messages and fields are those
// of protocols §4; what an edge does to a worker is contract §5 and §7.

import {clock} from './format.js';
import {History, NEW_JOURNAL} from './history.js';

const HAS_RUN = new Set(['STARTING', 'RUNNING', 'STOPPING', 'ABANDONED']);
const isFailure = exit => exit !== 'COMPLETED' && exit !== 'TERMINATED' && exit !== 'KILLED';
/** How much of a message a transition has room for; of a cut character up to three are missing. */
const CUT_BYTES = 80;
const BUSY_A_SECOND = 500;

const HELD_MAX = 5000;

/** What came during a pause, in its order; what is more than that is to be asked for anew. */
export class Held {
  lost = false;
  #messages = [];
  #hello = null;
  #seq = 0;

  get size() {
    return this.#messages.length;
  }

  put(message) {
    if (message.t === 'heartbeat') {
      return;
    }
    const held = {message, at: performance.now()};
    this.#hello = message.t === 'hello' ? held : this.#hello;
    this.#seq = message.t === 'transition' || message.t === 'slots' ? message.seq : this.#seq;
    if (!this.lost) {
      this.#messages.push(held);
    }
    if (this.#messages.length > HELD_MAX) {
      this.#messages = [];
      this.lost = true;
    }
  }

  /** Tells it to the model by that function, each with how long it was held. */
  release(model, tell) {
    const now = performance.now();
    this.#messages.forEach(({message, at}) => tell(message, now - at));
    if (this.lost && this.#hello !== null && this.#hello.message.epoch !== model.epoch) {
      tell(this.#hello.message, now - this.#hello.at);
    } else if (this.lost) {
      tell({t: 'gap', from: model.seq + 1, to: this.#seq, reason: 'paused'}, 0);
    }
  }
}

export class Model {
  hello = null;
  epoch = null;
  seq = 0;
  phase = null;
  shutdown = null;
  /** By slot; an object is never changed, but replaced, so that who shows it can tell. */
  workers = new Map();
  domains = new Map();
  parallel = {active: 0, limit: 0};
  history = new History();
  /** What GET /api/v1/status said last. */
  status = null;
  /** How far the last transition that came was behind, in milliseconds. */
  behindMs = 0;
  /** What whoever looks must know: `{text, at}`; the last of each kind. */
  notices = new Map();
  whole = false;
  /** The last record of this epoch that the history has. */
  #recorded = 0;
  #second = 0;
  #inSecond = 0;
  #lastSecond = 0;
  #heldMs = 0;

  /** Takes a message that has come, and was held back for so long. */
  apply(m, heldMs) {
    this.#heldMs = heldMs;
    switch (m.t) {
      case 'hello': return this.#hello(m);
      case 'snapshot': return this.#snapshot(m);
      case 'transition': return this.#transition(m);
      case 'worker': return this.#put(m.worker);
      case 'slots': return this.#slots(m);
      case 'heartbeat': return this.#heartbeat(m);
      case 'gap': return this.#gap(m);
      default: return undefined;
    }
  }

  #hello(m) {
    clock.set(m.now + this.#heldMs);
    if (this.epoch !== null && this.epoch !== m.epoch) {
      this.notices.set('restart',
        {text: 'The postmaster was started again with a new journal; numbers begin there.',
          at: m.now - m.upMs});
      this.history.gap({reason: NEW_JOURNAL}, m.now - m.upMs);
    }
    if (this.epoch !== m.epoch) {
      this.#recorded = 0;
    }
    this.hello = m;
    this.epoch = m.epoch;
    this.phase = m.phase;
  }

  #snapshot(m) {
    this.seq = m.seq;
    this.phase = m.phase;
    this.shutdown = m.shutdown;
    this.parallel = m.parallel;
    this.domains = new Map(m.domains.map(d => [d.name, d]));
    const slots = new Set(m.workers.map(w => w.slot));
    for (const slot of this.workers.keys()) {
      if (!slots.has(slot)) {
        this.history.freed(slot, clock.now());
      }
    }
    this.workers = new Map();
    m.workers.forEach(worker => this.#put(worker));
    this.whole = true;
  }

  #put(worker) {
    const known = this.workers.get(worker.slot);
    if (!known || worker.seq >= known.seq) {
      this.workers.set(worker.slot, due(worker, this.#heldMs));
      this.history.seen(worker);
    }
  }

  #slots(m) {
    m.workers.forEach(worker => this.#put(worker));
    for (const free of m.free) {
      const known = this.workers.get(free.slot);
      if (known && known.seq <= free.seq) {
        this.workers.delete(free.slot);
        this.history.freed(free.slot, clock.now());
      }
    }
  }

  #heartbeat(m) {
    clock.set(m.now);
    if (m.sent === m.head) {
      this.behindMs = 0;
    }
  }

  #gap(m) {
    // Of another journal is said with its hello; its records of before are asked for.
    if (m.reason !== 'epoch') {
      this.history.gap(m, clock.now());
    }
    if (m.reason === 'slow-consumer') {
      this.notices.set('slow', {
        text: `This page was too slow: the records ${m.from} to ${m.to} were left out.`,
        at: clock.now(),
      });
    }
  }

  #transition(t) {
    this.seq = t.seq;
    if (t.seq > this.#recorded) {
      this.#recorded = t.seq;
      this.history.add({...t, epoch: this.epoch});
    }
    this.behindMs = Math.max(0, clock.now() - t.at - this.#heldMs);
    this.#tick(t.at);
    if (t.slot < 0) {
      this.#own(t);
      return;
    }
    const known = this.workers.get(t.slot);
    if (known && t.seq <= known.seq) {
      return;
    }
    if (t.to === 'FREE') {
      this.workers.delete(t.slot);
    } else {
      const same = known && known.generation === t.generation && t.cause !== 'registered';
      // Only what is told again is old: else a step of the server's clock would make it so.
      const again = this.hello !== null && t.seq <= this.hello.head;
      const ageMs = again ? Math.max(0, clock.now() - t.at) : this.#heldMs;
      this.workers.set(t.slot, due(edge(same ? known : unknown(t), t), ageMs));
    }
  }

  #own(t) {
    switch (t.cause) {
      case 'opened':
        this.shutdown = null;
        this.domains.clear();
        this.phase = t.to ?? this.phase;
        if (t.seq > 1) {
          this.notices.set('restart', {text: 'The postmaster was started again.', at: t.at});
        }
        break;
      case 'phase':
        this.phase = t.to;
        break;
      case 'shutdown-begin':
        this.shutdown = {mode: t.to, since: t.at, left: null};
        break;
      case 'crash-begin':
      case 'crash-end': {
        const known = this.domains.get(t.name) ?? {name: t.name, resetting: false, cycles: 0};
        const begins = t.cause === 'crash-begin';
        const more = begins && !known.resetting ? 1 : 0;
        this.domains.set(t.name, {...known, resetting: begins, cycles: known.cycles + more});
        break;
      }
      default:
    }
  }

  /** Older records than those that came by the feed, from REST; they reach up to those. */
  older(records) {
    const first = this.history.records.find(r => !r.gap && r.epoch === this.epoch);
    const before = records
      .filter(t => first === undefined || t.seq < first.seq)
      .map(t => ({...t, epoch: this.epoch}));
    this.#recorded = Math.max(this.#recorded, before.at(-1)?.seq ?? 0);
    this.history.prepend(before);
    this.workers.forEach(worker => this.history.seen(worker));
  }

  #tick(at) {
    const second = Math.floor(at / 1000);
    if (second !== this.#second) {
      this.#lastSecond = second === this.#second + 1 ? this.#inSecond : 0;
      this.#second = second;
      this.#inSecond = 0;
    }
    this.#inSecond++;
  }

  /** Transitions in the last whole second. */
  rate() {
    const second = Math.floor(clock.now() / 1000);
    return second === this.#second ? this.#lastSecond
      : second === this.#second + 1 ? this.#inSecond : 0;
  }

  /** Whether so much happens that each change cannot be shown by itself. */
  busy() {
    return Math.max(this.rate(), this.#inSecond) > BUSY_A_SECOND;
  }
}

/** With the time of its restart on the page's own monotonic clock. */
function due(worker, ageMs) {
  const inMs = worker.restartInMs;
  worker.due = inMs === null || inMs === undefined ? null : clock.mono() + inMs - ageMs;
  return worker;
}

/** What a transition knows of a registration that was not seen before it. */
function unknown(t) {
  return {
    slot: t.slot, generation: t.generation, handle: null, name: t.name, type: t.type, library: null,
    function: null, status: null, paused: false, pausedUntil: null, domain: null, group: null,
    flags: [], start: null, threading: null, restart: null, registeredAt: null, startedAt: null,
    stateSince: t.at, failures: 0, exits: {}, last: null, reason: null,
  };
}

function edge(w, t) {
  const ended = t.exit !== null && t.exit !== undefined;
  return {
    ...w,
    seq: t.seq,
    name: t.cut && w.name ? w.name : t.name,
    type: t.cut && w.type ? w.type : t.type,
    state: t.to,
    ready: t.ready,
    runId: HAS_RUN.has(t.to) ? t.runId : null,
    waiting: null,
    reason: t.to === 'STARTING' ? null
      : t.to === 'STOPPING' && t.from !== t.to ? t.cause : w.reason,
    deadlineAt: null,
    terminate: t.terminate,
    registeredAt: t.cause === 'registered' ? t.at : w.registeredAt,
    startedAt: t.to === 'STARTING' ? t.at : w.startedAt,
    stateSince: t.from === t.to ? w.stateSince : t.at,
    restartAt: t.restartAt,
    restartInMs: t.restartInMs,
    starts: t.starts,
    failures: w.failures + (ended && isFailure(t.exit) ? 1 : 0),
    exits: ended ? {...w.exits, [t.exit]: (w.exits[t.exit] ?? 0) + 1} : w.exits,
    last: ended ? last(w.last, t) : w.last,
  };
}

function last(before, t) {
  const same = before && before.exit === t.exit && before.code === t.code &&
    isSame(before.message, t.message);
  return {
    exit: t.exit,
    code: t.code,
    message: same ? before.message : t.message,
    cause: t.cause,
    runId: t.runId,
    at: t.at,
    firstAt: same ? before.firstAt : t.at,
    times: same ? before.times + 1 : 1,
  };
}

/** Whether a message is the one that was seen in full before. */
function isSame(full, cut) {
  return full === cut ||
    full && cut && full.startsWith(cut) && new TextEncoder().encode(cut).length >= CUT_BYTES;
}
