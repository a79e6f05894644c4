// A source without a server: a recorded journal, one transition a line as NDJSON, told again at
// the pace at which it was written. What the journal panel exports can be told again here.

import {clock} from './format.js';

const WORDS = ['from', 'to', 'cause', 'by', 'exit'];
const TEXTS = ['name', 'type', 'message'];
const NUMBERS = ['generation', 'runId', 'starts', 'restartAt', 'restartInMs', 'code'];

/** Whether a line of somebody's file has what the page takes from a server unseen. */
function isRecord(m) {
  return [m.seq, m.at, m.slot].every(Number.isSafeInteger) &&
    WORDS.every(key => /^[\w-]{1,40}$/.test(m[key] ?? '-')) &&
    TEXTS.every(key => typeof (m[key] ?? '') === 'string') &&
    NUMBERS.every(key => typeof (m[key] ?? 0) === 'number');
}

export class Replay {
  state = {kind: 'replay', since: performance.now(), tries: 0, next: null, why: null};
  done = false;
  #onMessage;
  #onState;
  #records = [];
  #at = 0;
  #journal = null;
  #speed;
  #began = 0;
  #timer = null;

  constructor(onMessage, onState, speed) {
    this.#onMessage = onMessage;
    this.#onState = onState;
    this.#speed = speed;
  }

  async start(url) {
    const text = await (await fetch(url)).text();
    if (this.#records.length === 0) {
      this.load(text);
    }
  }

  /** Begins with a recording; throws where it is none. */
  load(text) {
    const records = text.split('\n').filter(line => line.trim() !== '')
      .map(line => JSON.parse(line))
      .filter(m => m?.t === 'transition');
    if (records.length === 0) {
      throw new Error('there is no transition in it');
    }
    const odd = records.findIndex(m => !isRecord(m));
    if (odd >= 0) {
      throw new Error(`transition ${odd + 1} is none of a postmaster's`);
    }
    // Each journal has numbers of its own; they came one after the other.
    const journals = new Map();
    for (const record of records) {
      const known = journals.get(record.epoch);
      known ? known.push(record) : journals.set(record.epoch, [record]);
    }
    this.#records = [...journals.values()].flatMap(of => of.sort((a, b) => a.seq - b.seq));
    this.again();
  }

  /** From its beginning. */
  again() {
    clearTimeout(this.#timer);
    this.#at = 0;
    this.done = false;
    this.#began = performance.now();
    this.#open(this.#records[0]);
    this.#onState(this.state);
    this.#tell();
  }

  /** A journal begins with that record. */
  #open(first) {
    this.#journal = first.epoch;
    this.#onMessage({
      t: 'hello', v: 1, anew: this.#at === 0, name: 'recorded', epoch: `recorded-${this.#began}-${first.epoch ?? ''}`,
      head: 0, oldest: 1, now: first.at, upMs: 0, heartbeatMs: 0, role: 'viewer', phase: null,
      slots: this.#records.reduce((most, t) => Math.max(most, t.slot), 0) + 1,
    });
    this.#onMessage({
      t: 'snapshot', seq: 0, part: 1, parts: 1, phase: null, shutdown: null, domains: [],
      parallel: {active: null, limit: null}, clients: 0, workers: [],
    });
  }

  #tell() {
    const begin = this.#records[0].at;
    const now = begin + (performance.now() - this.#began) * this.#speed;
    clock.set(now);
    while (this.#at < this.#records.length && this.#records[this.#at].at <= now) {
      const record = this.#records[this.#at++];
      if (record.epoch !== this.#journal) {
        this.#open(record);
      }
      this.#onMessage(record);
    }
    if (this.#at < this.#records.length) {
      const wait = (this.#records[this.#at].at - now) / this.#speed;
      this.#timer = setTimeout(() => this.#tell(), Math.min(250, wait));
    } else {
      this.done = true;
      this.#onState(this.state);
    }
  }

  anew() {}
}
