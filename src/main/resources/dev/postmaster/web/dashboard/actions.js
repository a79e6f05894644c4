// What is asked of the server, and the dialogs in which it is confirmed. The picture is never
// changed from here: that is left to the records that come of it.

import {api} from './api.js';
import {clock, duration} from './format.js';
import {specification} from './register.js';

const UNLOCKED_MS = 15 * 60000;
const FORGET_MS = 60000;
const AT_ONCE = 4;

/** What this browser remembers of the page. */
export const store = {
  get(key) {
    try {
      return localStorage.getItem(`postmaster.${key}`);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`postmaster.${key}`, value);
    } catch {
      // It is forgotten with the page, then.
    }
  },
};

/** A wall clock that goes on evenly while the page is open, whatever is done to the browser's. */
const wall = () => performance.timeOrigin + performance.now();

export class Actions {
  role = 'viewer';
  /** The open dialog: its `kind`, and what it shows; null if none is open. */
  dialog = null;
  stack = null;
  #app;
  #pending = new Map();
  #unlockedUntil = 0;
  #closing = false;
  #dialogs = 0;
  #unanswered = null;

  constructor(app) {
    this.#app = app;
  }

  /** Takes the role that the server knows whoever looks by. */
  known(role) {
    this.role = role;
    if (this.mayChange() && this.#unlockedUntil === 0) {
      const until = Number(store.get('unlocked')) || Infinity;
      this.#unlockedUntil = Math.min(until, wall() + UNLOCKED_MS);
    }
  }

  mayChange() {
    return this.#app.live() && (this.role === 'operator' || this.role === 'admin');
  }

  lockIn() {
    return this.#unlockedUntil - wall();
  }

  async lock() {
    this.role = 'viewer';
    this.#unlockedUntil = 0;
    // A lock that the server has not heard of is tried again when it is back.
    store.set('unlocked', '1');
    this.#app.changed();
    try {
      await api.lock();
      store.set('unlocked', '');
      this.#app.source.asAnother();
    } catch (fault) {
      this.#fail(fault);
    }
  }

  /** Locks when it is time. */
  expire() {
    if (this.mayChange() && this.#unlockedUntil > 0 && this.lockIn() <= 0) {
      this.lock();
    }
  }

  #fail(fault) {
    this.#app.fault = fault.message;
    if (fault.status === 401) {
      this.role = 'viewer';
    }
    this.#app.changed();
  }

  ask(kind, more = {}) {
    this.dialog = {kind, id: ++this.#dialogs, ...more};
    this.#app.changed();
  }

  /** Only in that dialog: another one may have been opened while the server was asked. */
  showDialog(more, of = this.dialog) {
    if (this.#isOpen(of)) {
      this.dialog = {...this.dialog, ...more};
      this.#app.changed();
    }
  }

  #isOpen(shown) {
    return this.dialog !== null && this.dialog.id === shown?.id;
  }

  close(of = this.dialog) {
    if (!this.#isOpen(of)) {
      return;
    }
    this.dialog = null;
    this.#closing = true;
    document.getElementById('dialog').close();
    this.#app.changed();
  }

  /** Escape: the browser closes it. Whatever is asked for next is not to be closed with it. */
  cancelled() {
    this.dialog = null;
    this.#closing = true;
    this.#app.changed();
  }

  /** The browser tells of every end some time later. */
  closed() {
    if (!this.#closing) {
      this.dialog = null;
      this.#app.changed();
    }
    this.#closing = false;
  }

  terminate(worker) {
    this.ask('terminate', {worker});
  }

  several() {
    this.ask('several', {workers: this.#app.chosen.all.filter(w => w.handle), q: this.#app.state.q});
  }

  async register() {
    this.ask('register', {at: 0});
    const shown = this.dialog;
    try {
      const {entryPoints} = await api.entryPoints();
      this.showDialog(entryPoints.length > 0 ? {points: entryPoints}
        : {fault: 'no entry points: no library may be used'}, shown);
    } catch (fault) {
      this.showDialog({fault: fault.message}, shown);
    }
  }

  /** The dialog says what came of it; the picture waits for its record. */
  async submit(form) {
    const shown = this.dialog;
    // The button is disabled only with the next drawing.
    if (shown === null || shown.busy) {
      return;
    }
    this.showDialog({busy: true, fault: null});
    try {
      await this[{unlock: '_unlock', terminate: '_terminate', several: '_several',
        register: '_register'}[shown.kind]](shown, form);
    } catch (fault) {
      if (fault.status === 401 && shown.kind !== 'unlock') {
        this.role = 'viewer';
      }
      this.showDialog({busy: false, fault: fault.message}, shown);
    }
  }

  async _unlock(shown, form) {
    const {role} = await api.unlock(form.get('token').trim());
    this.role = role;
    this.#unlockedUntil = wall() + UNLOCKED_MS;
    store.set('unlocked', String(this.#unlockedUntil));
    this.close(shown);
    if (shown.needed && this.#app.source.state.tries === 0 && !this.#app.model.hello) {
      this.#app.source.start();
      this.#app.poll();
    } else {
      this.#app.source.asAnother();
    }
  }

  async _terminate(shown) {
    const {worker} = shown;
    try {
      await api.terminate(worker.handle);
      this.#pending.set(worker.handle, {at: performance.now(), what: 'termination'});
      this.close(shown);
    } catch (fault) {
      if (fault.code !== 'STALE_HANDLE') {
        throw fault;
      }
      const tenant = this.#app.model.workers.get(worker.slot);
      this.showDialog({busy: false, stale: true, fault: tenant
        ? `slot ${worker.slot} now runs ${tenant.name} (gen ${tenant.generation}); nothing was done`
        : `slot ${worker.slot} is free by now; nothing was done`}, shown);
    }
  }

  async _several(shown, form) {
    if (form.get('number').trim() !== String(shown.workers.length)) {
      throw new Error(`type ${shown.workers.length} to confirm`);
    }
    const left = [...shown.workers];
    const refused = [];
    const work = async () => {
      while (left.length > 0) {
        const worker = left.shift();
        try {
          await api.terminate(worker.handle);
          this.#pending.set(worker.handle, {at: performance.now(), what: 'termination'});
        } catch (fault) {
          refused.push(`${worker.name}: ${fault.message}`);
        }
        this.showDialog({progress: `asked ${shown.workers.length - left.length} of ${
          shown.workers.length}`}, shown);
      }
    };
    await Promise.all(Array.from({length: AT_ONCE}, work));
    if (refused.length === 0) {
      this.close(shown);
    } else {
      this.showDialog({
        busy: false, done: true, fault: `${refused.length} refused; first: ${refused[0]}`,
      }, shown);
    }
  }

  /** Under one key until there is an answer: who asks again after an outage gets one worker. */
  async #ask({id}, specified) {
    const text = JSON.stringify(specified);
    if (this.#unanswered?.id !== id || this.#unanswered.text !== text) {
      const key = crypto.getRandomValues(new Uint32Array(4)).join('-');
      this.#unanswered = {id, text, key};
    }
    try {
      return await api.register(specified, this.#unanswered.key);
    } catch (fault) {
      if (fault.code !== null) {
        this.#unanswered = null;
      }
      throw fault;
    }
  }

  async _register(shown, form) {
    const accepted = await this.#ask(shown, specification(shown.points[shown.at], form));
    const at = clock.mono();
    this.showDialog({asked: {...accepted, at}}, shown);
    const wait = () => {
      const found = this.#app.model.workers.get(accepted.slot);
      if (!this.#isOpen(shown)) {
        return;
      }
      if (this.#app.model.seq > 0 && found && found.generation >= accepted.generation) {
        this.close(shown);
        this.#app.show(accepted.slot);
      } else {
        this.#app.changed();
        setTimeout(wait, 100);
      }
    };
    wait();
  }

  async hold(worker, on) {
    try {
      await (on ? api.pause : api.resume)(worker.handle);
      this.#pending.set(worker.handle, {at: performance.now(), what: on ? 'pause' : 'resume'});
    } catch (fault) {
      this.#fail(fault);
    }
    this.#app.changed();
  }

  /** What was asked for and has not come yet: `termination asked for 0.2 s ago`. */
  asked(worker) {
    const pending = this.#pending.get(worker.handle);
    if (!pending) {
      return null;
    }
    const came = pending.what === 'termination' ? worker.terminate
      : worker.paused === (pending.what === 'pause');
    if (came || performance.now() - pending.at > FORGET_MS) {
      this.#pending.delete(worker.handle);
      return null;
    }
    return `${pending.what} asked for ${duration(performance.now() - pending.at)} ago`;
  }

  forgetStack() {
    this.stack = null;
  }

  async fetchStack(worker) {
    const {handle} = worker;
    const {runId} = worker.last;
    const asked = {handle, runId, asking: true};
    this.stack = asked;
    this.#app.changed();
    let found;
    try {
      const {stack, last} = await api.worker(handle);
      found = {handle, runId: last?.runId ?? runId, text: stack};
    } catch (fault) {
      found = {handle, runId, fault: fault.message};
    }
    if (this.stack === asked) {
      this.stack = found;
    }
    this.#app.changed();
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.#app.said = 'Copied.';
    } catch {
      this.#app.fault = `This browser does not let the page copy: ${text}`;
    }
    this.#app.changed();
  }
}
