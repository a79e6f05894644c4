// The workers as tiles and as a table, and the two elements that count time by themselves.

import {html, nothing} from './lit-html/lit-html.js';
import {clock, duration, ending, inert, isUnhealthy, number, plural, shape, time} from './format.js';

const calm = matchMedia('(prefers-reduced-motion: reduce)');
const BARS = 10;

/** Elements that change with time alone; only those that are seen do any work. */
const seen = new Set();
const observer = new IntersectionObserver(entries => entries.forEach(entry => {
  if (entry.isIntersecting) {
    seen.add(entry.target);
    entry.target.tick();
  } else {
    seen.delete(entry.target);
  }
}));

class Ticking extends HTMLElement {
  connectedCallback() {
    observer.observe(this);
    this.tick();
  }

  disconnectedCallback() {
    observer.unobserve(this);
    seen.delete(this);
  }

  show(text) {
    if (this.textContent !== text) {
      this.textContent = text;
    }
  }
}

/** The time that is left until a restart; never negative. */
class CountDown extends Ticking {
  #due = null;
  #span = null;

  set due(due) {
    this.#due = due;
    this.tick();
  }

  set span(span) {
    this.#span = span;
  }

  tick() {
    if (this.#due === null) {
      this.show('restart not set');
      return;
    }
    const left = this.#due - clock.mono();
    if (left <= 0) {
      this.show('restart due');
      return;
    }
    const full = this.#span > 0 ? Math.min(BARS, Math.ceil(BARS * left / this.#span)) : 0;
    const bar = this.#span > 0 ? ' ' + '▓'.repeat(full) + '░'.repeat(BARS - full) : '';
    this.show(`restart in ${duration(left)}${bar}`);
  }
}

/** How long something has been so. */
class TimeSince extends Ticking {
  #at = null;

  set at(at) {
    this.#at = at;
    this.tick();
  }

  tick() {
    this.show(this.#at === null || this.#at === undefined ? '' : duration(clock.now() - this.#at));
  }
}

customElements.define('count-down', CountDown);
customElements.define('time-since', TimeSince);

let ticks = 0;
setInterval(() => {
  ticks++;
  if (document.hidden) {
    return;
  }
  const whole = ticks % 10 === 0;
  seen.forEach(element => {
    if (whole || element instanceof CountDown && !calm.matches) {
      element.tick();
    }
  });
}, 100);

const span = worker => worker.restartAt && worker.stateSince
  ? worker.restartAt - worker.stateSince : null;

/** Until when, or since when, in one line; with a bar where there is room. */
export function now(worker, room = true) {
  if (worker.state === 'BACKOFF' || worker.state === 'PARKED') {
    return html`<count-down .span=${room ? span(worker) : null} .due=${worker.due}></count-down>`;
  }
  return html`${time(worker.stateSince)} · <time-since .at=${worker.stateSince}></time-since>`;
}

export function exits(worker) {
  const counts = Object.entries(worker.exits).filter(([, n]) => n > 0);
  return counts.length === 0 ? '–' : counts.map(([exit, n]) => `${exit} ${n}`).join(' · ');
}

/** The state in words, with what makes it another than it seems. */
export function stateText(worker) {
  if (worker.state === 'RUNNING' && !worker.ready) {
    return 'RUNNING, not ready';
  }
  if (worker.waiting && (worker.state === 'REGISTERED' || worker.waiting !== 'paused')) {
    return `${worker.state}, waits: ${inert(worker.waiting)}`;
  }
  return worker.paused ? `${worker.state}, paused` : worker.state;
}

const MINUTES = 15;
const BAR = {FREE: '·', RUNNING: '▁', REGISTERED: '▂', STARTING: '▃', STOPPING: '▄'};
const RANK = ['FREE', 'RUNNING', 'REGISTERED', 'STARTING', 'STOPPING', 'BACKOFF', 'PARKED',
  'ABANDONED'];

/** The worst state in each of the last 15 minutes. */
function mini(lane, at) {
  const worst = new Array(MINUTES).fill(-1);
  const begin = at - MINUTES * 60000;
  lane?.forEach((segment, i) => {
    const from = Math.max(0, Math.floor((segment.at - begin) / 60000));
    const until = i + 1 < lane.length ? lane[i + 1].at : at;
    const to = Math.min(MINUTES - 1, Math.floor((until - begin) / 60000));
    for (let minute = from; minute <= to; minute++) {
      worst[minute] = Math.max(worst[minute], RANK.indexOf(segment.state));
    }
  });
  return worst.map(rank => rank < 0 ? '·' : BAR[RANK[rank]] ?? '█').join('');
}

function tile(app, worker, current) {
  const asked = app.actions.asked(worker);
  return html`<button type="button" class="tile" data-state=${worker.state}
      data-slot=${worker.slot} data-bad=${isUnhealthy(worker)} tabindex=${current ? 0 : -1}
      aria-pressed=${app.state.slot === worker.slot}>
    <span class="line"><span class="state"><span class="shape" aria-hidden="true"
      >${shape(worker.state)}</span> ${stateText(worker)}</span>
      <span class="where">slot ${worker.slot}·${worker.generation}</span></span>
    <span class="name">${inert(worker.name)}</span>
    <span class="now">${now(worker)}</span>
    <span class="facts">${plural(worker.starts ?? 0, 'start')}${worker.failures > 0
      ? ` · ${plural(worker.failures, 'failure')}` : ''}${worker.terminate
      ? ' · will not be restarted' : ''}</span>
    <span class="last">${asked ?? ending(worker.last) ?? inert(worker.type)}</span>
    <span class="mini" aria-hidden="true">${mini(app.model.history.lanes.get(worker.slot),
      clock.now())}</span>
  </button>`;
}

/** What was drawn of a worker; it is replaced when anything of it changes. */
const drawn = new WeakMap();

/** The tile that was made before, where nothing in it has changed since. */
function kept(app, worker, minute, current) {
  const key = `${minute} ${current} ${app.state.slot === worker.slot} ${app.actions.asked(worker)}`;
  let known = drawn.get(worker);
  if (known?.key !== key) {
    known = {key, tile: tile(app, worker, current)};
    drawn.set(worker, known);
  }
  return known.tile;
}

/** One node a place, not one a worker: when the order changes, text changes, and nothing moves. */
export function tiles(app) {
  const minute = Math.floor(clock.now() / 60000);
  const {shown, hidden} = app.chosen;
  const current = app.current();
  return html`<ul class="tiles" id="grid" @click=${app.open} @focusin=${app.focused}>
    ${shown.map(worker => html`<li>${kept(app, worker, minute, worker.slot === current)}</li>`)}
    ${free(app, hidden)}</ul>`;
}

function free(app, hidden) {
  const total = app.model.hello?.slots ?? 0;
  const left = total - app.model.workers.size;
  return html`${hidden > 0
    ? html`<li class="more">${plural(hidden, 'more worker')}: narrow the filter to see them</li>`
    : nothing}${left > 0 && app.state.q === ''
    ? html`<li class="more">· ${number(left)} of ${plural(total, 'slot')} free</li>`
    : nothing}`;
}

/** Long lists, of which only the rows in sight are drawn; all rows of one are of one height. */
export class Lists {
  #changed;
  #scroll = new Map();

  constructor(changed) {
    this.#changed = changed;
  }

  /** The rows of a long list that can be seen, and the room of those before and after them. */
  window(key, count, height) {
    const known = this.#scroll.get(key);
    // One that was made anew begins at its top, and tells nobody.
    const {top, room} = known?.element.isConnected ? known : {top: 0, room: 640};
    const from = Math.max(0, Math.min(Math.floor(top / height) - 5, count - 1));
    const to = Math.min(count, from + Math.ceil(room / height) + 12);
    return {from, to, before: from * height, after: (count - to) * height};
  }

  scrolled(key) {
    return event => {
      const element = event.currentTarget;
      const {scrollTop: top, clientHeight: room} = element;
      this.#scroll.set(key, {element, top, room});
      this.#changed();
    };
  }
}

const ROW = 30;

const COLUMNS = [
  ['State', 'worst'], ['Slot', 'slot'], ['Name', 'name'], ['Type', null], ['Since', 'since'],
  ['Starts', null], ['Ends of runs', null], ['Last end of a run', null],
];

const TITLES = {
  Slot: 'and the generation, which counts the registrations that the slot has had',
  Starts: 'launches since this registration',
  'Ends of runs': 'since this registration, by how they ended',
  Since: 'when it came into its state',
};

export function table(app) {
  const {shown, hidden} = app.chosen;
  const {from, to, before, after} = app.lists.window('table', shown.length, ROW);
  const current = app.current();
  return html`<div class="scroll" id="grid" tabindex="0" role="region" aria-label="Table of workers"
      @scroll=${app.lists.scrolled('table')} @click=${app.open} @focusin=${app.focused}>
    <table class="workers" aria-rowcount=${shown.length + 1}>
      <thead><tr aria-rowindex="1">${COLUMNS.map(([name, sort]) => html`<th scope="col"
          title=${TITLES[name] ?? nothing} aria-sort=${app.state.sort === sort
            ? 'ascending' : nothing}>${sort === null ? name : html`<button type="button"
          class="plain" @click=${() => app.set({sort}, true)}>${name}</button>`}</th>`)}</tr></thead>
      <tbody>
        <tr class="space" aria-hidden="true"><td colspan="8" .style=${`height:${before}px`}></td></tr>
        ${shown.slice(from, to).map((worker, i) => html`<tr aria-rowindex=${from + i + 2}
            data-state=${worker.state} data-slot=${worker.slot} data-bad=${isUnhealthy(worker)}
            class=${app.state.slot === worker.slot ? 'chosen' : ''}>
          <td class="state"><span class="shape" aria-hidden="true">${shape(worker.state)}</span>
            ${stateText(worker)}</td>
          <td class="number">${worker.slot}·${worker.generation}</td>
          <th scope="row"><button type="button" class="plain name" data-slot=${worker.slot}
            tabindex=${worker.slot === current ? 0 : -1}>${inert(worker.name)}</button></th>
          <td>${inert(worker.type)}</td>
          <td>${now(worker, false)}</td>
          <td class="number">${worker.starts ?? '–'}</td>
          <td>${exits(worker)}</td>
          <td class="rest" title=${ending(worker.last) ?? nothing}>${app.actions.asked(worker) ?? ending(worker.last) ?? '–'}</td>
        </tr>`)}
        <tr class="space" aria-hidden="true"><td colspan="8" .style=${`height:${after}px`}></td></tr>
      </tbody>
    </table></div>
    <ul class="tiles">${free(app, hidden)}</ul>`;
}
