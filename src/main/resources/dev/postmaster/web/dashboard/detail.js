// Everything that is known of the chosen worker, and the ways in which runs ended.

import {html, nothing} from './lit-html/lit-html.js';
import {dateTime, ending, inert, plural, shape, time} from './format.js';
import {now, stateText, exits} from './workers.js';

export function detail(app) {
  const {slot} = app.state;
  if (slot === null) {
    return reasons(app, null);
  }
  const worker = app.model.workers.get(slot);
  if (!worker) {
    const lane = app.model.history.lanes.get(slot);
    const last = lane?.[lane.length - 1];
    return html`<section class="panel detail" aria-labelledby="detail-title">
      <header class="bar"><h2 id="detail-title" tabindex="-1">Slot ${slot} is free</h2>${close(app)}</header>
      <p>${last?.cause ? html`${inert(last.name)} left it at ${time(last.at)} (${
        last.cause}${ending(last) ? `, ${ending(last)}` : ''}).`
        : 'Nothing is known of who had it.'}</p></section>`;
  }
  return html`<section class="panel detail" data-state=${worker.state} aria-labelledby="detail-title">
    <header class="bar">
      <h2 id="detail-title" tabindex="-1"><span class="shape" aria-hidden="true">${
        shape(worker.state)}</span> ${inert(worker.name)}</h2>${close(app)}</header>
    <p class="line"><b class="state">${stateText(worker)}</b> ${now(worker)}</p>
    ${actions(app, worker)}
    <dl>${facts(worker).map(([name, value]) => value === null || value === undefined ? nothing
      : html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
    </section>${reasons(app, worker)}`;
}

function close(app) {
  return html`<button type="button" class="plain" aria-label="Close the detail"
    @click=${() => app.set({slot: null}, true)}>✕</button>`;
}

function facts(w) {
  const start = {
    POSTMASTER_START: 'from the start', CONSISTENT_STATE: 'from phase CONSISTENT',
    RECOVERY_FINISHED: 'from phase RUN',
  };
  return [
    ['Slot, generation', `${w.slot}, ${w.generation}`],
    ['Type', inert(w.type)],
    ['Entry point', w.library ? `${inert(w.library)} / ${inert(w.function)}` : null],
    ['Flags', w.flags.length > 0 ? w.flags.join(', ') : null],
    ['Domain', w.flags.includes('SHARED_MEMORY') ? inert(w.domain) : null],
    ['Started', start[w.start] ?? null],
    ['Restart', w.restart === 'never' ? 'never' : w.restart ? `after ${w.restart}` : null],
    ['Threading', w.threading],
    ['Paused', w.paused ? w.pausedUntil ? `until ${dateTime(w.pausedUntil)}` : 'until resumed' : null],
    ['Being stopped for', w.reason],
    ['Deadline', w.deadlineAt ? dateTime(w.deadlineAt) : null],
    ['Restart at', w.restartAt ? dateTime(w.restartAt) : null],
    ['Will be restarted', w.terminate ? 'no: it was terminated' : null],
    ['Registered', w.registeredAt ? dateTime(w.registeredAt) : null],
    ['Last launch', w.startedAt ? dateTime(w.startedAt) : null],
    ['State since', dateTime(w.stateSince)],
    ['Launches', w.starts],
    ['Ends of runs', exits(w)],
    ['Last end', w.last ? html`${ending(w.last)} at ${dateTime(w.last.at)}${w.last.times > 1
      ? `, ${w.last.times} times in a row since ${dateTime(w.last.firstAt)}` : ''}` : null],
    ['Record', w.seq],
  ];
}

function actions(app, worker) {
  const asked = app.actions.asked(worker);
  return html`<p class="actions">
    ${app.actions.mayChange() ? html`
      <button type="button" class="danger" ?disabled=${worker.handle === null}
        @click=${() => app.actions.terminate(worker)}>Terminate…</button>
      <button type="button" ?disabled=${worker.handle === null}
        @click=${() => app.actions.hold(worker, !worker.paused)}>${
          worker.paused ? 'Resume' : 'Pause restarts'}</button>` : nothing}
    <button type="button" ?disabled=${worker.handle === null}
      @click=${() => app.actions.copy(worker.handle)}>Copy handle</button>
    <button type="button" @click=${() => app.set(
      {journal: `slot:${worker.slot} gen:${worker.generation}`}, true)}>Its records</button>
    ${asked ? html`<span class="asked">${asked}</span>` : nothing}</p>`;
}

function reasons(app, worker) {
  const found = app.model.history.reasons(worker);
  return html`<section class="panel reasons" aria-labelledby="reasons-title">
    <header class="bar"><h2 id="reasons-title">How runs ended</h2>
      <span class="dim">seen here since ${time(app.model.history.since)}</span></header>
    ${found.length === 0 ? html`<p class="dim">No run has ended${worker ? ' here' : ''}.</p>`
      : html`<ul>${found.slice(0, 20).map(reason => html`<li>
        <p><b>${plural(reason.count, 'time')}</b> ${worker || !reason.name ? nothing
          : html`<button type="button" class="plain" @click=${() => app.set({slot: reason.slot},
            true)}>${inert(reason.name)}</button>`}
          <span class="message">${ending(reason)}</span></p>
        <p class="dim">first ${time(reason.first)} · last ${time(reason.last)}</p></li>`)}</ul>
        ${found.length > 20 ? html`<p class="dim">and ${found.length - 20} more</p>` : nothing}`}
    ${worker && worker.last && worker.last.exit !== 'COMPLETED' && app.live()
      ? stack(app, worker) : nothing}</section>`;
}

/** Fetched when it is asked for: the feed does not carry it. */
function stack(app, worker) {
  const known = app.actions.stack?.handle === worker.handle ? app.actions.stack : null;
  const again = known && !known.asking && known.runId !== worker.last.runId;
  // The next worker's is not asked for by itself.
  return html`<details class="stack" .open=${known !== null}
      @toggle=${event => event.target.open ? app.actions.fetchStack(worker)
        : app.actions.forgetStack()}>
    <summary>Stack of the last failure</summary>
    ${again ? html`<p>It has failed again since.
      <button type="button" @click=${() => app.actions.fetchStack(worker)}>Ask for the last</button></p>`
      : nothing}
    ${known?.text ? html`<button type="button" @click=${() => app.actions.copy(known.text)}>Copy</button>
      <pre tabindex="0">${known.text.split('\n').map(inert).join('\n')}</pre>`
      : html`<p class="dim">${known && !known.asking ? known.fault ?? 'None is kept.' : 'Asking…'}</p>`}</details>`;
}
