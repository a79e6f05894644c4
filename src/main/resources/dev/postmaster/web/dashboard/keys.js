// The keyboard. Keys of one character are silent while somebody writes, and can be turned off.

import {inSight, zoomed} from './lanes.js';

const ROW = 30;

export class Keys {
  #app;

  constructor(app) {
    this.#app = app;
    document.addEventListener('keydown', event => this.#key(event));
  }

  #key(event) {
    const app = this.#app;
    if (event.ctrlKey || event.altKey || event.metaKey || app.actions.dialog !== null) {
      return;
    }
    const writing = event.target.closest('input, textarea, select') !== null;
    if (event.key === 'Escape') {
      this.#escape(event, writing);
      return;
    }
    if (writing || !app.keysOn && event.key.length === 1) {
      return;
    }
    const action = {
      '/': () => document.getElementById('filter').focus(),
      j: () => this.#move(1),
      k: () => this.#move(-1),
      t: () => this.#onCurrent(worker => app.actions.mayChange() && app.actions.terminate(worker)),
      r: () => app.actions.mayChange() && app.actions.register(),
      p: () => app.pause(),
      1: () => app.set({view: 'tiles'}, true),
      2: () => app.set({view: 'table'}, true),
      3: () => app.set({view: 'lanes'}, true),
      '+': () => app.set({minutes: zoomed(app.state.minutes, -1)}),
      '-': () => app.set({minutes: zoomed(app.state.minutes, 1)}),
      '?': () => app.actions.ask('help'),
    }[event.key];
    if (action) {
      event.preventDefault();
      action();
    } else if (event.key.startsWith('Arrow') && event.target.matches('.tile, .plain.name')) {
      event.preventDefault();
      this.#move(event.key === 'ArrowDown' || event.key === 'ArrowRight' ? 1 : -1);
    }
  }

  #escape(event, writing) {
    const app = this.#app;
    if (writing) {
      // A field to search in would be emptied.
      event.preventDefault();
      event.target.blur();
    } else if (app.state.slot !== null) {
      app.set({slot: null}, true);
    } else if (app.state.q !== '') {
      app.set({q: ''}, true);
    }
  }

  #move(by) {
    const app = this.#app;
    const {shown} = app.chosen;
    const grid = document.getElementById('grid');
    if (shown.length === 0 || grid === null) {
      return;
    }
    const inside = grid.contains(document.activeElement);
    const at = shown.findIndex(worker => worker.slot === app.current());
    const next = inside ? Math.max(0, Math.min(shown.length - 1, at + by)) : Math.max(0, at);
    const {slot} = shown[next];
    app.focusOn(slot);
    if (app.state.slot !== null) {
      app.set({slot});
    }
    app.draw();
    const target = grid.querySelector(`button[data-slot="${slot}"]`);
    if (app.state.view === 'lanes') {
      const lane = app.model.history.lanes.get(slot) ?? [];
      app.focus = {slot, segment: lane.at(-1)};
      inSight(grid, next);
      grid.focus();
      app.draw();
    } else if (target) {
      target.focus();
    } else {
      // It is not among the rows that are drawn: bring it there first.
      grid.scrollTop = next * ROW;
      requestAnimationFrame(() => {
        app.draw();
        grid.querySelector(`button[data-slot="${slot}"]`)?.focus();
      });
    }
  }

  #onCurrent(action) {
    const worker = this.#app.model.workers.get(this.#app.current());
    if (worker?.handle) {
      action(worker);
    }
  }
}
