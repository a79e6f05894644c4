// The frame of the page: who is looked at, how it is, and where everything stands.

import {html, nothing} from './lit-html/lit-html.js';
import {STATES, clock, duration, inert, number, plural, shape, time} from './format.js';
import {SORTS} from './query.js';
import {table, tiles} from './workers.js';
import {RANGES, lanes} from './lanes.js';
import {detail} from './detail.js';
import {journal} from './journal.js';
import {dialog} from './dialogs.js';
import './rates.js';

const VIEWS = {tiles: 'Tiles', table: 'Table', lanes: 'Lanes'};

export function page(app) {
  return html`${header(app)}${banners(app)}
    <main data-link=${app.source.state.kind} class=${app.state.slot === null ? '' : 'opened'}>
      ${strip(app)}${toolbar(app)}
      <div class="columns">
        <div class="left"><section class="view" aria-label="Workers">${view(app)}</section>
          ${journal(app)}</div>
        <aside aria-label="Detail">${detail(app)}${charts(app)}</aside>
      </div>
    </main>
    <footer><kbd>/</kbd> filter <kbd>j</kbd> <kbd>k</kbd> move <kbd>Enter</kbd> open
      ${app.actions.mayChange() ? html`<kbd>t</kbd> terminate <kbd>r</kbd> register` : nothing}
      <kbd>p</kbd> pause <kbd>1</kbd> <kbd>2</kbd> <kbd>3</kbd> views
      <button type="button" class="plain" @click=${() => app.actions.ask('help')}><kbd>?</kbd> help</button>
    </footer>
    <p class="unseen" role="status" aria-live="polite" id="said">${app.said}</p>${dialog(app)}`;
}

function header(app) {
  const {hello, status, phase, shutdown} = app.model;
  const up = hello ? hello.upMs + clock.now() - hello.now : null;
  return html`<header class="top">
    <h1>postmaster <span class="dim">·</span> ${inert(hello?.name ?? '…')}</h1>
    ${phase ? html`<span class="badge" id="phase">${shutdown ? `${shutdown.mode} shutdown` : phase}</span>`
      : nothing}
    <span class="fact">up ${duration(up)}</span>
    <span class="fact" title="the journal that the numbers belong to">epoch ${
      app.live() ? inert(hello?.epoch).slice(0, 8) : 'recorded'}</span>
    ${status?.version ? html`<span class="fact">${inert(status.version)}</span>` : nothing}
    <span class="link" id="link" data-link=${app.source.state.kind}>${link(app)}</span>
    <span class="right">
      ${app.live() ? who(app) : nothing}
      <label class="theme">Theme <select @change=${event => app.setTheme(event.target.value)}>
        ${['system', 'light', 'dark'].map(theme => html`<option ?selected=${theme === app.theme}>${
          theme}</option>`)}</select></label>
    </span></header>`;
}

function link(app) {
  const {kind} = app.source.state;
  if (kind === 'replay') {
    return app.source.done ? '■ recording ended' : '▶ recorded, not live';
  }
  if (kind === 'live') {
    return `● live, ${duration(app.model.behindMs)} behind`;
  }
  return {connecting: '◌ connecting', lost: '▲ not connected', unauthenticated: '✖ token needed',
    refused: '✖ refused'}[kind];
}

function who(app) {
  return app.actions.mayChange()
    ? html`<span class="fact">${app.actions.role}, locks in ${duration(app.actions.lockIn())}</span>
      <button type="button" @click=${() => app.actions.lock()}>Lock</button>`
    : html`<span class="fact">viewer</span>
      <button type="button" @click=${() => app.actions.ask('unlock')}>Unlock</button>`;
}

function banners(app) {
  const {state} = app.source;
  const all = [];
  if (state.kind === 'lost') {
    all.push(['outage', html`No data for ${duration(performance.now() - state.since)}${state.why
      ? ` (${inert(state.why)})` : ''}; what is shown is old. ${state.next === null ? '' :
      html`Try ${state.tries} in ${duration(state.next - performance.now())}.`}
      <button type="button" @click=${() => app.source.again()}>Now</button>`]);
  } else if (state.kind === 'unauthenticated' && app.model.whole) {
    all.push(['outage', html`No data for ${duration(performance.now() - state.since)}: a token is
      needed; what is shown is old.
      <button type="button" @click=${() => app.actions.ask('unlock', {needed: true})}>Unlock</button>`]);
  } else if (state.kind === 'refused') {
    all.push(['outage', html`The server refuses the feed: ${inert(state.why)}. It is not tried again.
      <button type="button" @click=${() => app.source.again()}>Try</button>`]);
  } else if (state.kind === 'replay') {
    all.push(['note', html`A recorded journal, told again; nothing here is live.
      <button type="button" @click=${() => app.source.again()}>From the beginning</button>
      <label class="file">Another recording <input type="file" accept=".ndjson,.jsonl,.txt"
        @change=${event => app.replayFile(event.target.files[0])}></label>`]);
  }
  if (app.state.paused) {
    all.push(['note', html`Paused at ${time(clock.now())}; ${app.held.lost
      ? 'too much has happened to keep: it is asked for again'
      : plural(app.held.size, 'change') + ' held back'}.
      <button type="button" @click=${() => app.pause()}>Go on</button>`]);
  }
  for (const [kind, notice] of app.model.notices) {
    all.push(['note', html`${time(notice.at)} ${notice.text} <button type="button" class="plain"
      aria-label="Dismiss" @click=${() => app.dismiss(kind)}>✕</button>`]);
  }
  if (app.fault) {
    all.push(['outage', html`${inert(app.fault)} <button type="button" class="plain"
      aria-label="Dismiss" @click=${() => app.dismiss('fault')}>✕</button>`]);
  }
  return html`<section class="banners" id="banners" aria-label="Notices">${all.map(([kind, text]) => html`<p class=${kind}>${
    text}</p>`)}</section>`;
}

function strip(app) {
  const {model} = app;
  const counts = app.counts;
  const cycles = [...model.domains.values()].reduce((sum, domain) => sum + domain.cycles, 0);
  const resetting = [...model.domains.values()].filter(domain => domain.resetting);
  return html`<dl class="strip">
    ${STATES.filter(s => s !== 'FREE' && (counts[s] > 0 || s === 'RUNNING' || s === 'BACKOFF' ||
      s === 'ABANDONED')).map(s => html`<div data-state=${s} data-some=${counts[s] > 0}><dt><span
      class="shape" aria-hidden="true">${shape(s)}</span> ${s.toLowerCase()}</dt>
      <dd>${number(counts[s] ?? 0)}</dd></div>`)}
    <div><dt>slots used</dt><dd>${number(model.workers.size)} of ${
      model.hello ? number(model.hello.slots) : '–'}</dd></div>
    <div><dt>parallel</dt><dd>${model.parallel.active ?? '–'} of ${model.parallel.limit ?? '–'}</dd></div>
    <div><dt>transitions</dt><dd>${number(model.rate())} /s${model.busy()
      ? html` <span class="dim">drawn 4 times a second</span>` : nothing}</dd></div>
    <div title="in the last 15 minutes, as far as they were seen here"><dt>restarts</dt><dd>${
      number(model.history.total('restarts', clock.now()))} in 15 min</dd></div>
    <div data-some=${resetting.length > 0} title="since the postmaster's start"><dt>crash cycles</dt>
      <dd>${cycles}${resetting.length > 0
        ? html` <b>${resetting.map(d => inert(d.name)).join(', ')} resets</b>` : nothing}</dd></div>
    <div><dt>journal</dt><dd>${journalFact(model)}</dd></div></dl>`;
}

function journalFact(model) {
  const state = model.status?.journal;
  return state?.state === 'FAULTED'
    ? html`<b class="bad">faulted, in memory only</b>` : number(model.seq);
}

const COMPLETED_TYPES = 20;

/** What the filter offers to complete. */
function suggestions(model) {
  const types = new Set();
  for (const worker of model.workers.values()) {
    if (types.size >= COMPLETED_TYPES) {
      break;
    }
    const type = inert(worker.type);
    // What the filter could not express, or would show otherwise, is not offered.
    if (type === worker.type && !type.includes('"')) {
      types.add(/[\s,:]/.test(type) ? `type:"${type}"` : `type:${type}`);
    }
  }
  return ['is:unhealthy', 'state:backoff', 'state:running', 'state:abandoned', ...types];
}

function toolbar(app) {
  const {state} = app;
  return html`<form class="toolbar" role="search" @submit=${event => {
    event.preventDefault();
    app.set({q: event.target.elements.q.value}, true);
  }}>
    <input type="search" name="q" id="filter" aria-label="Filter workers" spellcheck="false"
      autocomplete="off" list="filters" placeholder="state:backoff type:mailer !name:test*"
      .value=${state.q} @input=${event => app.set({q: event.target.value}, 'typing')}
      @change=${event => app.set({q: event.target.value}, true)}>
    <datalist id="filters">${suggestions(app.model).map(s => html`<option value=${s}></option>`)}</datalist>
    <label>Sort <select name="sort" @change=${event => app.set({sort: event.target.value}, true)}>
      ${Object.entries(SORTS).map(([sort, text]) => html`<option value=${sort}
        ?selected=${sort === state.sort}>${text}</option>`)}</select></label>
    <span class="group" role="group" aria-label="View">${Object.entries(VIEWS).map(([key, text]) =>
      html`<button type="button" data-view=${key} aria-pressed=${state.view === key}
        @click=${() => app.set({view: key}, true)}>${text}</button>`)}</span>
    ${state.view === 'lanes' ? html`<label>Last <select @change=${event =>
      app.set({minutes: Number(event.target.value)}, true)}>${RANGES.map(minutes => html`<option
        value=${minutes} ?selected=${minutes === state.minutes}>${minutes} min</option>`)}
      </select></label>` : nothing}
    <button type="button" id="pause" aria-pressed=${state.paused} @click=${() => app.pause()}>${
      state.paused ? 'Go on' : 'Pause'}</button>
    ${app.actions.mayChange() ? html`<button type="button" class="primary" id="register"
      @click=${() => app.actions.register()}>Register…</button>
      ${state.q.trim() !== '' && app.query.faults.length === 0 && app.chosen.all.length > 0
        ? html`<button type="button" class="danger" id="several" @click=${() => app.actions.several()}>Terminate ${
          plural(app.chosen.all.length, 'match', 'matches')}…</button>` : nothing}` : nothing}
  </form>${app.query.faults.map(fault => html`<p class="fault" role="alert">${inert(fault)}</p>`)}`;
}

const SNIPPET = `postmaster.register(WorkerSpec.of("greeter", () -> context -> {
  while (true) {
    context.checkInterrupts(); // throws once it is told to stop
    context.awaitLatch(Duration.ofSeconds(1));
  }
}));`;

function view(app) {
  if (!app.model.whole) {
    return html`<p class="empty">Waiting for the first picture…</p>`;
  }
  if (app.model.workers.size === 0) {
    return html`<div class="empty"><p>No workers yet. Register one:</p><pre tabindex="0">${SNIPPET}</pre>
      ${app.actions.mayChange() ? html`<button type="button" class="primary" @click=${() => app.actions.register()}
        >Register…</button>` : nothing}</div>`;
  }
  if (app.chosen.all.length === 0) {
    return html`<p class="empty">None of ${plural(app.model.workers.size, 'worker')} matches
      <code>${inert(app.state.q)}</code>. <button type="button" @click=${() => app.set({q: ''}, true)}>Show
      all</button></p>`;
  }
  return {tiles, table, lanes}[app.state.view](app);
}

const dark = matchMedia('(prefers-color-scheme: dark)');

function charts(app) {
  const rows = app.rates.rows(app.model.history);
  const theme = app.theme === 'system' && dark.matches ? 'dark' : app.theme;
  return html`<section class="panel" aria-labelledby="rates-title">
    <header class="bar"><h2 id="rates-title">Rates a second</h2><span class="dim">last 15 min</span>
    </header>
    <h3>transitions</h3>
    <rate-chart aria-hidden="true" .chart=${{
      theme, data: [rows[0], rows[1]], labels: ['transitions'], colours: ['--starting']}}></rate-chart>
    <h3><span class="key failures"></span> failures, <span class="key restarts"></span> restarts</h3>
    <rate-chart aria-hidden="true" .chart=${{
      theme, data: [rows[0], rows[3], rows[2]], labels: ['failures', 'restarts'],
      colours: ['--abandoned', '--backoff']}}></rate-chart></section>`;
}

const WORST = ['ABANDONED', 'PARKED', 'BACKOFF', 'RUNNING'];

/** The worst of all stands in the title and the icon, for whoever has the page among others. */
export function title(app) {
  const {bad} = app;
  const state = WORST.find(s => bad.some(worker => worker.state === s));
  const lost = app.live() && app.source.state.kind !== 'live';
  // What is held back may be worse than what is shown.
  const held = app.state.paused && !lost;
  const sign = lost ? '◌' : held ? '‖' : state ? shape(state) : '●';
  document.title = `${sign}${lost || !state ? '' : bad.length} · ${
    inert(app.model.hello?.name ?? 'postmaster')}`;
  const colour = lost || held ? 'gray' : state ? 'darkorange' : 'green';
  const icon = 'data:image/svg+xml,' + encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><text x="8" y="13" ' +
    `font-size="14" text-anchor="middle" fill="${colour}">${sign}</text></svg>`);
  const link = document.querySelector('link[rel=icon]');
  if (link.href !== icon) {
    link.href = icon;
  }
}
