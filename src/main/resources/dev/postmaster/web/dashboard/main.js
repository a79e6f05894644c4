// Wires source, model and page together; keeps what is chosen in the address.

import {render} from './lit-html/lit-html.js';
import {Actions, store} from './actions.js';
import {api} from './api.js';
import {Feed} from './feed.js';
import {clock, inert, isUnhealthy, plural} from './format.js';
import {Keys} from './keys.js';
import {Held, Model} from './model.js';
import {
  RECORD_KEYS, WORKER_KEYS, fromAddress, matchesWorker, ordered, parse, toAddress,
} from './query.js';
import {page, title} from './page.js';
import {Rates} from './rates.js';
import {Replay} from './replay.js';
import {Lists} from './workers.js';

const SHOWN_MAX = 1024;
const BUSY_MS = 250;
const ORDER_MS = 1000;
/** How long the order stays for somebody who points or types no more. */
const HELD_MS = 10000;
const STATUS_MS = 5000;
const SAY_MS = 5000;
const HISTORY = 2000;
const PAGE = 1000;
const PARTS_MAX = 10;

class App {
  model = new Model();
  state = fromAddress();
  source;
  actions = new Actions(this);
  rates = new Rates();
  query = parse(this.state.q, WORKER_KEYS);
  journalQuery = parse(this.state.journal, RECORD_KEYS);
  chosen = {shown: [], all: [], hidden: 0};
  counts = {};
  /** Who is not as he should be, of all. */
  bad = [];
  held = new Held();
  lists = new Lists(() => this.changed());
  focus = null;
  fault = null;
  said = '';
  theme = ['light', 'dark'].includes(store.get('theme')) ? store.get('theme') : 'system';
  keysOn = store.get('keys') !== 'off';
  #demo = new URLSearchParams(location.search).has('demo');
  #order = [];
  #orderedAt = 0;
  #touchedAt = -HELD_MS;
  #planned = false;
  #drawnAt = 0;
  #saidAt = 0;
  #bad = new Set();
  /** The journal whose records of before are here. */
  #told = null;

  constructor() {
    const take = message => this.#take(message);
    const link = () => this.#link();
    const speed = Number(new URLSearchParams(location.search).get('speed')) || 1;
    this.source = this.#demo ? new Replay(take, link, Math.min(100, Math.max(1, speed)))
      : new Feed(take, link);
  }

  start() {
    document.getElementById('page').replaceChildren();
    if (this.#demo) {
      this.source.start('assets/demo.ndjson').catch(fault => {
        this.fault = fault.message;
        this.changed();
      });
    } else if (performance.getEntriesByType('navigation')[0]?.responseStatus === 401) {
      this.actions.ask('unlock', {needed: true});
    } else {
      this.source.start();
      this.poll();
    }
    this.draw();
    setInterval(() => this.changed(), 1000);
    addEventListener('popstate', () => {
      this.state = {...fromAddress(), paused: this.state.paused};
      this.#typing = false;
      this.#reread();
    });
    new Keys(this);
    ['pointermove', 'pointerdown', 'keydown', 'scroll'].forEach(kind =>
      addEventListener(kind, () => this.#touchedAt = performance.now(), {capture: true, passive: true}));
    document.addEventListener('visibilitychange', () => this.changed());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.changed());
  }

  /** Whether there is a server behind this. */
  live() {
    return !this.#demo;
  }

  // What comes in.

  #take(message) {
    if (message.t === 'hello') {
      this.actions.known(message.role);
    }
    if (this.state.paused) {
      this.held.put(message);
    } else {
      this.#apply(message, 0);
    }
    this.changed();
  }

  #apply(message, heldMs) {
    if (this.#demo && message.anew) {
      this.model = new Model();
    }
    this.model.apply(message, heldMs);
    if (message.t === 'snapshot' && !this.#demo) {
      this.#older(this.model.hello);
    }
  }

  /** The records before those that the feed brings, once for each journal, after its picture. */
  async #older(hello) {
    if (this.#told === hello.epoch) {
      return;
    }
    this.#told = hello.epoch;
    const found = [];
    let after = Math.max(hello.oldest - 1, hello.head - HISTORY);
    try {
      for (let part = 0; part < PARTS_MAX; part++) {
        const {transitions} = await api.transitions(hello.epoch, after, PAGE);
        found.push(...transitions);
        if (transitions.length < PAGE) {
          break;
        }
        after = transitions.at(-1).seq;
      }
    } catch {
      // The feed goes on from here; what was before is not known, then.
    }
    if (this.model.epoch === hello.epoch) {
      this.model.older(found);
      this.changed();
    }
  }

  #link() {
    const {kind} = this.source.state;
    if (kind === 'unauthenticated') {
      this.actions.role = 'viewer';
      this.actions.ask('unlock', {needed: true});
    } else if (kind === 'live') {
      this.#status();
    }
    this.#say();
    this.changed();
  }

  async poll() {
    await this.#status();
    setTimeout(() => this.poll(), STATUS_MS);
  }

  /** What the feed does not tell: limits, clients, the state of the journal's file. */
  async #status() {
    if (!document.hidden && this.source.state.kind === 'live' && !this.state.paused) {
      try {
        const status = await api.status();
        this.model.status = status;
        this.model.parallel = status.parallel;
      } catch {
        // The link itself shows whether the server is there.
      }
      this.changed();
    }
  }

  // Drawing.

  /** Draws soon: once a frame, four times a second when much happens; while hidden, the title. */
  changed() {
    if (document.hidden) {
      this.#unseen();
      return;
    }
    if (this.#planned) {
      return;
    }
    this.#planned = true;
    const wait = this.model.busy() ? this.#drawnAt + BUSY_MS - performance.now() : 0;
    const frame = () => requestAnimationFrame(() => {
      this.#planned = false;
      this.draw();
    });
    if (wait > 0) {
      setTimeout(frame, wait);
    } else {
      frame();
    }
  }

  /** Its title is seen beside the other pages', and it locks at its time: once a second at most. */
  #unseen() {
    if (performance.now() - this.#drawnAt >= 1000) {
      this.#drawnAt = performance.now();
      this.#choose();
      this.actions.expire();
      title(this);
    }
  }

  draw() {
    this.#drawnAt = performance.now();
    this.#choose();
    this.actions.expire();
    render(page(this), document.getElementById('page'));
    const dialog = document.getElementById('dialog');
    if (this.actions.dialog !== null && !dialog.open) {
      dialog.showModal();
    }
    title(this);
    this.#say();
  }

  /** Which workers are shown, in which order: it stays while somebody points at them. */
  #choose() {
    const all = [];
    this.counts = {};
    this.bad = [];
    for (const worker of this.model.workers.values()) {
      this.counts[worker.state] = (this.counts[worker.state] ?? 0) + 1;
      if (isUnhealthy(worker)) {
        this.bad.push(worker);
      }
      if (matchesWorker(this.query, worker)) {
        all.push(worker);
      }
    }
    const grid = document.getElementById('grid');
    const held = performance.now() - this.#touchedAt < HELD_MS && grid !== null &&
      (grid.matches(':hover') || grid.contains(document.activeElement));
    const fresh = performance.now() - this.#orderedAt < ORDER_MS && this.model.busy();
    const before = held || fresh ? this.#order : [];
    const shown = ordered(all, this.state.sort, clock.now(), SHOWN_MAX, before);
    if (before.length === 0) {
      this.#orderedAt = performance.now();
    }
    this.#order = shown.map(worker => worker.slot);
    this.chosen = {shown, all, hidden: all.length - shown.length};
  }

  /** One sentence for who listens, at most every five seconds. */
  #say() {
    const at = performance.now();
    if (at - this.#saidAt < SAY_MS || !this.model.whole) {
      return;
    }
    const {bad} = this;
    const fresh = bad.find(worker => !this.#bad.has(worker.slot));
    const {kind} = this.source.state;
    let text = this.said;
    if (kind === 'lost') {
      text = 'The connection to the postmaster is lost.';
    } else if (fresh) {
      text = `${inert(fresh.name)} is ${fresh.state.toLowerCase()}; ${bad.length} of ${
        plural(this.model.workers.size, 'worker')} unhealthy.`;
    } else if (bad.length === 0 && this.#bad.size > 0) {
      text = 'All workers are healthy.';
    }
    this.#bad = new Set(bad.map(worker => worker.slot));
    if (text !== this.said) {
      this.said = text;
      this.#saidAt = at;
      this.changed();
    }
  }

  // What is chosen.

  /** Changes what is shown; `step`: one can go back from it. Letters that follow are one step. */
  set(changes, step = false) {
    this.state = {...this.state, ...changes};
    this.#reread();
    const address = toAddress(this.state);
    const same = address === (location.search || location.pathname);
    const goesOn = step === 'typing' && this.#typing;
    history[step && !same && !goesOn ? 'pushState' : 'replaceState'](null, '', address);
    this.#typing = step === 'typing';
  }

  #typing = false;

  #reread() {
    this.query = parse(this.state.q, WORKER_KEYS);
    this.journalQuery = parse(this.state.journal, RECORD_KEYS);
    this.#orderedAt = 0;
    this.changed();
  }

  /** The one that the keys act on: the chosen one where it is shown, else the first. */
  current() {
    const {slot} = this.state;
    const {shown} = this.chosen;
    const focused = this.#focused;
    return shown.some(worker => worker.slot === focused) ? focused
      : shown.some(worker => worker.slot === slot) ? slot : shown[0]?.slot ?? null;
  }

  #focused = null;

  focusOn(slot) {
    this.#focused = slot;
  }

  focused = event => {
    const slot = event.target.closest('[data-slot]')?.dataset.slot;
    if (slot !== undefined) {
      this.#focused = Number(slot);
    }
  };

  open = event => {
    const slot = event.target.closest('[data-slot]')?.dataset.slot;
    if (slot !== undefined) {
      this.show(Number(slot));
    }
  };

  /** Opens a worker, and goes there where it stands below. */
  show(slot) {
    this.#focused = slot;
    this.set({slot}, true);
    this.draw();
    const title = document.getElementById('detail-title');
    const box = title?.getBoundingClientRect();
    if (box && (box.top > innerHeight - 80 || box.bottom < 0)) {
      title.scrollIntoView({block: 'start'});
    }
  }

  pause() {
    const paused = !this.state.paused;
    this.state = {...this.state, paused};
    clock.freeze(paused);
    if (!paused) {
      const {held} = this;
      this.held = new Held();
      held.release(this.model, (message, heldMs) => this.#apply(message, heldMs));
      if (held.lost) {
        this.source.anew();
      }
    }
    this.changed();
  }

  dismiss(kind) {
    this.model.notices.delete(kind);
    this.fault = kind === 'fault' ? null : this.fault;
    this.changed();
  }

  async replayFile(file) {
    if (!file) {
      return;
    }
    try {
      this.source.load(await file.text());
      this.fault = null;
    } catch (fault) {
      this.fault = `${file.name} is not a recording: ${fault.message}`;
    }
    this.changed();
  }

  setTheme(theme) {
    this.theme = theme;
    store.set('theme', theme);
    if (theme === 'system') {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = theme;
    }
    this.changed();
  }

  setKeys(on) {
    this.keysOn = on;
    store.set('keys', on ? 'on' : 'off');
    this.changed();
  }
}

new App().start();
