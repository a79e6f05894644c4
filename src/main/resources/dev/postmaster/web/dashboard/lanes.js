// Swimlanes: one row a slot, what it was in when. A canvas, since there may be thousands of
// stretches; the readout below it says in words what the pointer or the keys have reached.

import {html, nothing} from './lit-html/lit-html.js';
import {clock, duration, ending, inert, shape, time} from './format.js';

const ROW = 24;
const AXIS = 22;
const BAND = 16;
const ROOM = 640;
const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

class SwimLanes extends HTMLElement {
  #canvas = document.createElement('canvas');
  #app = null;
  #left = 0;
  #top = 0;
  #begin = 0;
  #end = 0;

  connectedCallback() {
    this.append(this.#canvas);
    this.#canvas.setAttribute('aria-hidden', 'true');
    this.draw();
  }

  /** Draws what that page shows now; a new object each time, or it would not be told. */
  set frame({app}) {
    this.#app = app;
    if (this.isConnected) {
      this.draw();
    }
  }

  #colour(name) {
    return getComputedStyle(this).getPropertyValue(name).trim();
  }

  /** The stretch at a point of the canvas: `{worker slot, index}`, or null. */
  at(x, y) {
    const row = Math.floor((y - AXIS - BAND + this.#top) / ROW);
    const worker = this.#app.chosen.shown[row];
    if (!worker || y < AXIS + BAND || x < this.#left) {
      return null;
    }
    const width = this.#canvas.clientWidth - this.#left;
    const when = this.#begin + (x - this.#left) / width * (this.#end - this.#begin);
    const lane = this.#app.model.history.lanes.get(worker.slot) ?? [];
    const index = lane.findLastIndex(segment => segment.at <= when);
    return index < 0 ? null : {slot: worker.slot, index};
  }

  draw() {
    const app = this.#app;
    const {shown} = app.chosen;
    const width = this.clientWidth;
    // It stands still in its window, with time on top, and draws the rows that are in sight.
    const view = this.closest('.scroll');
    this.#top = view.scrollTop;
    const height = Math.min(view.clientHeight || ROOM, tall(shown));
    const ratio = devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * ratio) ||
        this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
      this.#canvas.style.width = `${width}px`;
      this.#canvas.style.height = `${height}px`;
    }
    const g = this.#canvas.getContext('2d');
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.fillStyle = this.#colour('--panel');
    g.fillRect(0, 0, width, height);
    this.#left = width < 600 ? 96 : 190;
    this.#end = clock.now();
    const asked = this.#end - app.state.minutes * 60000;
    // Not into emptiness: it begins with what is known.
    this.#begin = Math.min(this.#end - 10000,
      Math.max(asked, earliest(app.model.history, this.#end)));
    this.#time(g, width, height);
    this.#phases(g, width);
    g.save();
    g.beginPath();
    g.rect(0, AXIS + BAND, width, height);
    g.clip();
    const first = Math.floor(this.#top / ROW);
    shown.slice(first, first + Math.ceil(height / ROW) + 1).forEach((worker, i) =>
      this.#lane(g, worker, AXIS + BAND + (first + i) * ROW - this.#top, width));
    g.restore();
    this.#cycles(g, width, height);
  }

  #x(at, width) {
    const part = (at - this.#begin) / (this.#end - this.#begin);
    return this.#left + Math.max(0, Math.min(1, part)) * (width - this.#left);
  }

  #time(g, width, height) {
    const seconds = (this.#end - this.#begin) / 1000;
    const step = 1000 * (TICKS.find(s => seconds / s <= Math.max(2, (width - this.#left) / 90)) ??
      TICKS[TICKS.length - 1]);
    g.font = '11px system-ui, sans-serif';
    g.textBaseline = 'middle';
    for (let at = Math.ceil(this.#begin / step) * step; at <= this.#end; at += step) {
      const x = this.#x(at, width);
      g.fillStyle = this.#colour('--rule');
      g.fillRect(x, AXIS, 1, height);
      const text = time(at).slice(0, 8);
      if (x + g.measureText(text).width < width) {
        g.fillStyle = this.#colour('--dim');
        g.fillText(text, x + 2, AXIS / 2);
      }
    }
    g.fillStyle = this.#colour('--sunk');
    this.#app.model.history.blind.forEach(({from, to}) => {
      const x = this.#x(from, width);
      g.fillRect(x, AXIS + BAND, Math.max(2, this.#x(to, width) - x), height);
    });
  }

  #phases(g, width) {
    const {phases} = this.#app.model.history;
    g.fillStyle = this.#colour('--dim');
    g.fillText('phase', 8, AXIS + BAND / 2);
    phases.forEach(({at, phase}, i) => {
      const until = i + 1 < phases.length ? phases[i + 1].at : this.#end;
      if (until < this.#begin) {
        return;
      }
      const x = this.#x(at, width);
      const end = this.#x(until, width);
      g.fillStyle = this.#colour(i % 2 === 0 ? '--sunk' : '--rule');
      g.fillRect(x, AXIS, end - x, BAND - 2);
      g.fillStyle = this.#colour('--text');
      if (end - x > g.measureText(phase).width + 6) {
        g.fillText(phase, x + 3, AXIS + BAND / 2);
      }
    });
  }

  #lane(g, worker, y, width) {
    const lane = this.#app.model.history.lanes.get(worker.slot) ?? [];
    const chosen = this.#app.state.slot === worker.slot;
    if (chosen) {
      g.fillStyle = this.#colour('--sunk');
      g.fillRect(0, y, width, ROW);
    }
    g.save();
    g.beginPath();
    g.rect(0, y, this.#left - 6, ROW);
    g.clip();
    g.fillStyle = this.#colour('--text');
    g.font = '12px system-ui, sans-serif';
    g.fillText(`${worker.slot}  ${inert(worker.name)}`, 8, y + ROW / 2);
    g.restore();
    lane.forEach((segment, i) => {
      const until = i + 1 < lane.length ? lane[i + 1].at : this.#end;
      if (segment.state !== 'FREE' && until >= this.#begin) {
        this.#segment(g, segment, this.#x(segment.at, width), this.#x(until, width), y);
      }
    });
    lane.filter((segment, i) => i > 0 && segment.generation !== null &&
      segment.at >= this.#begin && segment.state === 'REGISTERED')
      .forEach(segment => this.#notch(g, segment, this.#x(segment.at, width), y));
  }

  #segment(g, segment, x, end, y) {
    const wide = Math.max(2, end - x);
    const {focus} = this.#app;
    g.fillStyle = this.#colour(`--${segment.state.toLowerCase()}`);
    // Each state has a height of its own, too: colour alone says nothing to some.
    const tall = segment.state === 'RUNNING' ? 8 : segment.state === 'BACKOFF' ? 16
      : segment.state === 'ABANDONED' ? 20 : 12;
    g.fillRect(x, y + (ROW - tall) / 2, wide, tall);
    if (wide > 18 && segment.state !== 'RUNNING') {
      g.fillStyle = this.#colour('--panel');
      g.fillText(shape(segment.state), x + 4, y + ROW / 2);
    }
    if (focus && focus.segment === segment) {
      g.strokeStyle = this.#colour('--text');
      g.lineWidth = 2;
      g.strokeRect(x + 1, y + 1, Math.max(4, wide - 2), ROW - 2);
    }
  }

  /** Another registration has the slot from here on. */
  #notch(g, segment, x, y) {
    g.fillStyle = this.#colour('--text');
    g.fillRect(x, y + 1, 2, ROW - 2);
    g.font = '10px system-ui, sans-serif';
    g.fillText(String(segment.generation), x + 4, y + 6);
    g.font = '12px system-ui, sans-serif';
  }

  #cycles(g, width, height) {
    g.font = '11px system-ui, sans-serif';
    const cycles = this.#app.model.history.cycles.filter(cycle => cycle.at >= this.#begin);
    cycles.forEach(({at: when, domain, begin}) => {
      const x = this.#x(when, width);
      g.fillStyle = this.#colour('--abandoned');
      if (begin) {
        g.fillRect(x, AXIS, 2, height);
        const text = `crash cycle: ${inert(domain)}`;
        const wide = g.measureText(text).width;
        const at = x + 4 + wide > width ? x - 4 - wide : x + 4;
        // Over the name of a phase, which goes on for longer.
        g.fillStyle = this.#colour('--panel');
        g.fillRect(at - 2, AXIS, wide + 4, BAND - 2);
        g.fillStyle = this.#colour('--abandoned');
        g.fillText(text, at, AXIS + BAND / 2);
      } else {
        for (let y = AXIS; y < height; y += 6) {
          g.fillRect(x, y, 1, 3);
        }
      }
    });
  }
}

customElements.define('swim-lanes', SwimLanes);

const tall = shown => AXIS + BAND + Math.max(1, shown.length) * ROW;

function earliest(history, now) {
  let first = history.since ?? now;
  for (const lane of history.lanes.values()) {
    first = Math.min(first, lane[0]?.at ?? first);
  }
  return first;
}

/** In words: `BACKOFF for 5.0 s, after FAILED 1: connection refused, record 8120`. */
export function words(lane, index) {
  const segment = lane[index];
  const until = index + 1 < lane.length ? lane[index + 1].at : clock.now();
  const after = ending(segment);
  return `${segment.state} for ${duration(until - segment.at)}, from ${time(segment.at)}` +
    (segment.generation === null ? '' : `, generation ${segment.generation}`) +
    (after ? `, after ${after}` : segment.seq === null ? '' : `, ${segment.cause}`) +
    (segment.seq === null ? '' : `, record ${segment.seq}`);
}

export const RANGES = [1, 5, 15, 60];

/** The next range in or out. */
export function zoomed(minutes, by) {
  const at = RANGES.indexOf(minutes) + by;
  return RANGES[Math.max(0, Math.min(RANGES.length - 1, at))];
}

export function lanes(app) {
  const {shown} = app.chosen;
  const {focus} = app;
  const lane = focus ? app.model.history.lanes.get(focus.slot) : null;
  const index = lane ? lane.indexOf(focus.segment) : -1;
  return html`<div class="scroll lanes" id="grid" tabindex="0" role="group"
      aria-label="Swimlanes: up and down choose a worker, left and right walk through its past,
      plus and minus zoom" aria-describedby="readout" @scroll=${app.lists.scrolled('lanes')}
      @pointermove=${point(app)} @click=${point(app, true)} @wheel=${wheel(app)}
      @keydown=${keys(app)} @focusin=${app.focused}>
    <div .style=${`height:${tall(shown)}px`}><swim-lanes .frame=${{app}}></swim-lanes></div>
  </div>
  <p class="readout" id="readout" aria-live="polite">${index >= 0
    ? html`<b>slot ${focus.slot}</b> ${words(lane, index)}`
    : 'Point at a stretch, or walk through them with the arrow keys.'}</p>
  ${app.state.slot !== null ? segments(app, app.state.slot) : nothing}`;
}

/** The lane of the chosen worker for whoever does not see a canvas. */
function segments(app, slot) {
  const lane = app.model.history.lanes.get(slot) ?? [];
  return html`<details class="panel"><summary>Slot ${slot} as a list</summary>
    <ol class="segments">${lane.map((_, i) => html`<li>${words(lane, i)}</li>`)}</ol></details>`;
}

function point(app, click) {
  return event => {
    const canvas = event.currentTarget.querySelector('swim-lanes');
    const box = canvas.getBoundingClientRect();
    const found = canvas.at(event.clientX - box.left, event.clientY - box.top);
    if (found) {
      app.focus = {
        slot: found.slot, segment: app.model.history.lanes.get(found.slot)[found.index],
      };
      if (click) {
        app.set({slot: found.slot}, true);
      }
      app.changed();
    }
  };
}

function wheel(app) {
  return {
    handleEvent(event) {
      if (event.ctrlKey) {
        event.preventDefault();
        app.set({minutes: zoomed(app.state.minutes, event.deltaY > 0 ? 1 : -1)});
      }
    },
    passive: false,
  };
}

function keys(app) {
  return event => {
    const {shown} = app.chosen;
    const {lanes: all} = app.model.history;
    const slot = app.focus?.slot ?? app.state.slot ?? shown[0]?.slot;
    const lane = all.get(slot) ?? [];
    const at = lane.indexOf(app.focus?.segment);
    const row = shown.findIndex(worker => worker.slot === slot);
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    const jump = {ArrowUp: -1, ArrowDown: 1}[event.key];
    if (step !== undefined && lane.length > 0) {
      const next = at < 0 ? lane.length - 1 : Math.max(0, Math.min(lane.length - 1, at + step));
      app.focus = {slot, segment: lane[next]};
    } else if (jump !== undefined && shown.length > 0) {
      const worker = shown[Math.max(0, Math.min(shown.length - 1, row + jump))];
      const other = all.get(worker.slot) ?? [];
      app.focus = {slot: worker.slot, segment: other[other.length - 1]};
      app.set({slot: worker.slot});
      inSight(event.currentTarget, shown.indexOf(worker));
    } else {
      return;
    }
    event.preventDefault();
    app.changed();
  };
}

/** Scrolls as little as it takes to see that row. */
export function inSight(view, row) {
  const top = row * ROW;
  const room = view.clientHeight - AXIS - BAND - ROW;
  view.scrollTop = Math.max(Math.min(view.scrollTop, top), top - room);
}
