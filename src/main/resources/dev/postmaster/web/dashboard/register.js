// The form to register a worker: its arguments are asked for as the entry point's schema says.

import {html, nothing} from './lit-html/lit-html.js';
import {clock, duration, inert} from './format.js';
import {buttons, fault} from './dialogs.js';

const STARTS = [
  ['RECOVERY_FINISHED', 'in phase RUN'], ['CONSISTENT_STATE', 'from phase CONSISTENT'],
  ['POSTMASTER_START', 'from the start'],
];
const FLAGS = ['SHARED_MEMORY', 'DATABASE_CONNECTION', 'PARALLEL'];

export function register(app, shown) {
  if (!shown.points) {
    return html`<h2 id="dialog-title">Register a worker</h2>
      <p>${shown.fault ? nothing : 'Asking for the entry points…'}</p>
      ${fault(shown)}${buttons(app, {...shown, done: true}, '')}`;
  }
  const point = shown.points[shown.at];
  const {parallel, hello, workers} = app.model;
  const full = hello && workers.size >= hello.slots;
  return html`<h2 id="dialog-title">Register a worker</h2>
    <label>Entry point <select name="point" autofocus
        @change=${event => app.actions.showDialog({at: Number(event.target.value)})}>
      ${shown.points.map((p, i) => html`<option value=${i} ?selected=${i === shown.at}>${
        inert(p.library)} / ${inert(p.function)}</option>`)}</select></label>
    <p class="dim">${inert(point.description)}</p>
    <div class="pairs">
    <label>Name <input name="name" required maxlength="95" autocomplete="off" spellcheck="false"></label>
    <label>Type <input name="type" maxlength="95" autocomplete="off" spellcheck="false"
      placeholder="as the name"></label>
    <label>Start <select name="start">${STARTS.map(([value, text]) => html`<option value=${value}>${
      text}</option>`)}</select></label>
    <label>Restart after a failure <input name="restart" value="5s" required
      pattern="never|[0-9]+(ms|s|m|h)" title="never, or a time such as 0s, 500ms, 5s, 2m"></label>
    </div>
    <fieldset><legend>Flags</legend>${FLAGS.map(flag => html`<label class="check"><input
      type="checkbox" name="flags" value=${flag}> ${flag}</label>`)}</fieldset>
    ${full ? html`<p class="fault">All ${hello.slots} slots are used: it will be refused.</p>` : nothing}
    ${parallel.limit !== null && parallel.active >= parallel.limit ? html`<p class="dim">Parallel
      workers ${parallel.active} of ${parallel.limit}: another one will be refused.</p>` : nothing}
    ${fields(point)}
    ${shown.asked ? html`<p role="status">Accepted as ${inert(shown.asked.handle)}, ${
      duration(clock.mono() - shown.asked.at)} ago; it is shown when its record comes.</p>` : nothing}
    ${fault(shown)}${buttons(app, shown, 'Register')}`;
}

function fields(point) {
  const properties = Object.entries(point.schema?.properties ?? {});
  const required = new Set(point.schema?.required ?? []);
  const open = point.schema?.additionalProperties !== false;
  return html`<fieldset><legend>Arguments</legend>
    ${properties.map(([name, schema]) => html`<label>${inert(name)}${required.has(name)
      ? ' (needed)' : ''} ${field(name, schema, required.has(name))}
      ${schema.description ? html`<span class="dim">${inert(schema.description)}</span>`
        : nothing}</label>`)}
    ${properties.length === 0 && !open ? html`<p class="dim">It takes none.</p>` : nothing}
    ${open ? html`<label>${properties.length > 0 ? 'Others' : 'All'}, as a JSON object <textarea
      name="others" rows="2" spellcheck="false" placeholder="{}"></textarea></label>` : nothing}
    </fieldset>`;
}

const hint = schema => schema.default === undefined ? '' : inert(JSON.stringify(schema.default));

function field(name, schema, required) {
  const id = `arg:${name}`;
  if (Array.isArray(schema.enum)) {
    return html`<select name=${id} ?required=${required}>${required ? nothing : html`<option
      value="">–</option>`}${schema.enum.map(value => html`<option value=${JSON.stringify(value)}>${
      inert(typeof value === 'string' ? value : JSON.stringify(value))}</option>`)}</select>`;
  }
  switch (schema.type) {
    case 'boolean':
      return html`<select name=${id} ?required=${required}><option value="">–</option>
        <option>true</option><option>false</option></select>`;
    case 'integer':
    case 'number':
      return html`<input type="number" name=${id} step=${schema.type === 'integer' ? 1 : 'any'}
        min=${schema.minimum ?? nothing} max=${schema.maximum ?? nothing} ?required=${required}
        placeholder=${hint(schema)}>`;
    case 'string':
      return html`<input type=${schema.writeOnly ? 'password' : 'text'} name=${id}
        ?required=${required} maxlength=${schema.maxLength ?? nothing} placeholder=${hint(schema)}
        autocomplete="off" spellcheck="false">`;
    default:
      return html`<textarea name=${id} rows="2" ?required=${required} spellcheck="false"
        placeholder=${hint(schema) || 'JSON'}></textarea>`;
  }
}

/** The specification that a filled form stands for; throws where text is not the JSON it must be. */
export function specification(point, form) {
  const args = json(form.get('others') ?? '', 'the other arguments') ?? {};
  if (typeof args !== 'object' || Array.isArray(args)) {
    throw new Error('the other arguments must be a JSON object');
  }
  for (const [name, schema] of Object.entries(point.schema?.properties ?? {})) {
    const text = form.get(`arg:${name}`) ?? '';
    if (text !== '') {
      const value = schema.type === 'string' && !Array.isArray(schema.enum)
        ? text : json(text, `"${name}"`);
      // Whatever its name is: an assignment would take __proto__ for something else.
      Object.defineProperty(args, name, {value, enumerable: true, configurable: true});
    }
  }
  const result = {
    name: form.get('name'),
    library: point.library,
    function: point.function,
    start: form.get('start'),
    restart: form.get('restart'),
    flags: form.getAll('flags'),
    args,
  };
  return form.get('type') ? {...result, type: form.get('type')} : result;
}

function json(text, what) {
  try {
    return text.trim() === '' ? null : JSON.parse(text);
  } catch {
    throw new Error(`${what} must be JSON`);
  }
}
