// Two charts of the last 15 minutes, by uPlot. Drawn at most once a second, and only where seen.

import {clock} from './format.js';

/* global uPlot */

const HEIGHT = 130;
const SECOND_MS = 1000;

class RateChart extends HTMLElement {
  #plot = null;
  #drawn = -SECOND_MS;
  #size = new ResizeObserver(() => this.#fit());

  connectedCallback() {
    this.#size.observe(this);
  }

  disconnectedCallback() {
    this.#size.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
  }

  /** `{data, labels, colours}`: data as uPlot has it, colours the names of custom properties. */
  set chart(chart) {
    const at = performance.now();
    const soon = at - this.#drawn < SECOND_MS && this.theme === chart.theme;
    if (!this.isConnected || soon || this.clientWidth === 0 || chart.data[0].at(-1) === 0) {
      return;
    }
    this.#drawn = at;
    if (this.#plot === null || this.theme !== chart.theme) {
      this.theme = chart.theme;
      this.#plot?.destroy();
      this.#plot = this.#make(chart);
    } else {
      this.#plot.setData(chart.data);
    }
  }

  #make(chart) {
    const colour = name => getComputedStyle(this).getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--dim'),
      grid: {stroke: colour('--rule'), width: 1},
      ticks: {stroke: colour('--rule'), width: 1},
      font: '11px system-ui',
    };
    return new uPlot({
      width: this.clientWidth,
      height: HEIGHT,
      legend: {show: false},
      cursor: {show: false},
      scales: {y: {range: (_, min, max) => [0, Math.max(4, max)]}},
      axes: [
        {...axis, values: (_, seconds) => seconds.map(s => hourMinute(s * 1000)), space: 60, size: 30},
        {...axis, size: 44, space: 20},
      ],
      series: [{}, ...chart.labels.map((label, i) => ({
        label, stroke: colour(chart.colours[i]), width: 1.5, points: {show: false},
        dash: i === 0 ? undefined : [4, 3],
      }))],
    }, chart.data, this);
  }

  #fit() {
    if (this.#plot !== null && this.clientWidth > 0 && this.#plot.width !== this.clientWidth) {
      this.#plot.setSize({width: this.clientWidth, height: HEIGHT});
    }
  }
}

customElements.define('rate-chart', RateChart);

function hourMinute(at) {
  const d = new Date(at);
  return `${String(d.getHours()).padStart(2, '0')}:${String(d.getMinutes()).padStart(2, '0')}`;
}

/** Data for both charts, made at most once a second. */
export class Rates {
  #at = -SECOND_MS;
  #rows = null;

  rows(history) {
    const at = performance.now();
    if (this.#rows === null || at - this.#at >= SECOND_MS) {
      // Before the clock is known there is nothing to be kept for a second.
      this.#at = clock.now() === 0 ? -SECOND_MS : at;
      this.#rows = history.rates(clock.now());
    }
    return this.#rows;
  }
}
