// What must be confirmed. Nothing here changes the picture: that is left to the feed.

import {html, nothing} from './lit-html/lit-html.js';
import {inert, plural} from './format.js';
import {register} from './register.js';

export function dialog(app) {
  const {kind} = app.actions.dialog ?? {};
  const body = {unlock, terminate, several, register, help}[kind];
  return html`<dialog id="dialog" aria-labelledby="dialog-title" @cancel=${
    () => app.actions.cancelled()} @close=${() => app.actions.closed()}>${
    body ? html`<form @submit=${event => {
      event.preventDefault();
      app.actions.submit(new FormData(event.target));
    }}>${body(app, app.actions.dialog)}</form>` : nothing}</dialog>`;
}

export const fault = shown => shown.fault
  ? html`<p class="fault" role="alert">${inert(shown.fault)}</p>` : nothing;

/** Whoever presses Enter without reading cancels. */
export function buttons(app, shown, label, danger = false) {
  return html`<p class="actions">
    <button type="button" id="cancel" ?autofocus=${danger} @click=${() => app.actions.close()}>${
      shown.done ? 'Close' : 'Cancel'}</button>
    ${shown.done ? nothing : html`<button type="submit" class=${danger ? 'danger' : 'primary'}
      ?disabled=${shown.busy || shown.stale}>${shown.busy ? 'Asked…' : label}</button>`}</p>`;
}

function unlock(app, shown) {
  return html`<h2 id="dialog-title">${shown.needed ? 'A token is needed' : 'Unlock changes'}</h2>
    <p>The token stands in the file <code>token</code> of the data directory. It is sent once; a
      cookie that no script can read stands for it from then on. The page locks again, and ends that,
      after 15 minutes.</p>
    <label>Token <input type="password" name="token" required autocomplete="off" autofocus></label>
    ${fault(shown)}${buttons(app, shown, 'Unlock')}`;
}

function terminate(app, shown) {
  const {worker} = shown;
  return html`<h2 id="dialog-title">Terminate ${inert(worker.name)}?</h2>
    <p>Slot ${worker.slot}, generation ${worker.generation}. It is asked to stop, interrupted if it
      does not, and not restarted; the slot is free when it has left its code.</p>
    ${fault(shown)}${buttons(app, shown, 'Terminate', true)}`;
}

function several(app, shown) {
  const n = shown.workers.length;
  return html`<h2 id="dialog-title">Terminate ${plural(n, 'worker')}?</h2>
    <p>All that match <code>${inert(shown.q)}</code> now:</p>
    <ul class="names">${shown.workers.slice(0, 20).map(worker => html`<li>${inert(worker.name)},
      slot ${worker.slot}, generation ${worker.generation}</li>`)}
      ${n > 20 ? html`<li>and ${n - 20} more</li>` : nothing}</ul>
    <label>Type ${n} to confirm <input name="number" inputmode="numeric" autocomplete="off"
      required></label>
    ${shown.progress ? html`<p role="status">${shown.progress}</p>` : nothing}
    ${fault(shown)}${buttons(app, shown, `Terminate ${n}`, true)}`;
}

const KEYS = [
  ['/', 'filter'], ['j k', 'next, previous worker'], ['Enter', 'open it'], ['t', 'terminate it'],
  ['r', 'register'], ['p', 'pause, go on'], ['1 2 3', 'tiles, table, lanes'],
  ['+ −', 'zoom the lanes'], ['Esc', 'close what is on top'], ['?', 'this'],
];

function help(app, shown) {
  return html`<h2 id="dialog-title">Keys</h2>
    <dl class="keys">${KEYS.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt>
      <dd>${what}</dd></div>`)}</dl>
    <label class="check"><input type="checkbox" ?checked=${app.keysOn}
      @change=${event => app.setKeys(event.target.checked)}> Keys of one character are on</label>
    <h3>Filter</h3>
    <p><code>state:backoff,abandoned type:mail* !name:test slot:3 is:unhealthy "two words"</code></p>
    <h3>States</h3>
    <p>◌ REGISTERED · ◐ STARTING · ● RUNNING · ■ STOPPING · ▲ BACKOFF · ◆ PARKED · ✖ ABANDONED</p>
    ${buttons(app, {...shown, done: true}, '')}`;
}
