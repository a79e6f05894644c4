// The records, newest first.

import {html, nothing} from './lit-html/lit-html.js';
import {dateTime, ending, inert, number, time} from './format.js';
import {matchesRecord} from './query.js';
import {NEW_JOURNAL, RECORDS_MAX} from './history.js';

const ROW = 26;
const REVOKE_MS = 60000;
const MISSING = {
  'slow-consumer': 'this page was too slow', overrun: 'the journal has overwritten them',
  [NEW_JOURNAL]: 'a new journal begins',
  paused: 'too many came during a pause',
};

/** The records that the journal's own filter shows, newest first. */
function filtered(app) {
  const query = app.journalQuery;
  return app.model.history.records.slice(-RECORDS_MAX)
    .filter(record => matchesRecord(query, record)).reverse();
}

export function journal(app) {
  const rows = filtered(app);
  const {from, to, before, after} = app.lists.window('journal', rows.length, ROW);
  return html`<section class="journal panel" aria-labelledby="journal-title">
    <header class="bar">
      <h2 id="journal-title">Journal</h2>
      <input type="search" id="journal-filter" aria-label="Filter the journal"
        placeholder="cause:exit slot:3 !name:test* refused" .value=${app.state.journal}
        spellcheck="false" autocomplete="off"
        @input=${event => app.set({journal: event.target.value}, 'typing')}
        @change=${event => app.set({journal: event.target.value}, true)}>
      <span class="dim">${number(rows.length)} of the last
        ${number(Math.min(app.model.history.records.length, RECORDS_MAX))} records</span>
      <button type="button" @click=${() => app.pause()} aria-pressed=${app.state.paused}>${
        app.state.paused ? 'Go on' : 'Pause'}</button>
      <button type="button" @click=${() => download(rows)}>Export</button>
    </header>
    ${app.journalQuery.faults.map(fault => html`<p class="fault">${inert(fault)}</p>`)}
    <div class="scroll" tabindex="0" role="region" aria-label="Records of the journal"
        @scroll=${app.lists.scrolled('journal')}>
      <table class="records" aria-rowcount=${rows.length + 1}>
        <thead><tr aria-rowindex="1"><th scope="col">Record</th><th scope="col">Time</th>
          <th scope="col">Slot</th><th scope="col">Name</th><th scope="col">Edge</th>
          <th scope="col">Cause</th><th scope="col">By</th><th scope="col">Details</th>
        </tr></thead>
        <tbody>
          <tr class="space" aria-hidden="true"><td colspan="8" .style=${`height:${before}px`}></td></tr>
          ${rows.slice(from, to).map((record, i) => record.gap
            ? gap(record, from + i + 2) : row(app, record, from + i + 2))}
          <tr class="space" aria-hidden="true"><td colspan="8" .style=${`height:${after}px`}></td></tr>
        </tbody>
      </table>
    </div></section>`;
}

function row(app, r, index) {
  const own = r.slot < 0;
  return html`<tr aria-rowindex=${index} data-seq=${r.seq} data-state=${r.to ?? ''}
      class=${own ? 'own' : ''}>
    <td class="number">${r.seq}</td>
    <td title=${dateTime(r.at)}>${time(r.at)}</td>
    <td class="number">${own ? '–' : `${r.slot}·${r.generation}`}</td>
    <td>${own ? html`<span class="dim">postmaster</span> ${r.name ? inert(r.name) : ''}`
      : html`<button type="button" class="plain" tabindex="-1"
        @click=${() => app.set({slot: r.slot}, true)}>${inert(r.name)}</button>`}</td>
    <td>${r.from ?? ''}${r.from && r.to ? ' → ' : ''}${r.to ?? ''}</td>
    <td>${r.cause}</td>
    <td>${r.by}</td>
    <td class="rest" title=${said(r) ?? nothing}>${said(r) ?? ''}</td>
  </tr>`;
}

const said = r => ending(r) ?? (r.message ? inert(r.message) : null);

function gap(record, index) {
  const which = record.from === undefined ? '' : `records ${record.from} to ${record.to} are not here: `;
  return html`<tr class="gap" aria-rowindex=${index}><td colspan="8">${time(record.at)} ${which}${
    MISSING[record.reason] ?? record.reason}</td></tr>`;
}

/** What is shown, oldest first, one object a line: what `?demo` can tell again. */
function download(rows) {
  const lines = rows.filter(r => !r.gap).reverse().map(r => JSON.stringify(r) + '\n');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(lines, {type: 'application/x-ndjson'}));
  link.download = 'postmaster-records.ndjson';
  link.click();
  // Not all browsers have begun to read it by now.
  setTimeout(() => URL.revokeObjectURL(link.href), REVOKE_MS);
}
