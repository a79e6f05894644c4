// Which workers and records are shown, in which order, and how the address says it.

import {STATES, isUnhealthy} from './format.js';
import {RANGES} from './lanes.js';

const KEYS = ['state', 'type', 'name', 'slot', 'gen', 'exit'];
export const WORKER_KEYS = [...KEYS, 'is'];
export const RECORD_KEYS = [...KEYS, 'cause'];
const IS = {
  unhealthy: isUnhealthy,
  paused: worker => worker.paused,
  terminate: worker => worker.terminate,
};

/**
 * Reads a filter: words that must all hold, `key:value` or plain text, `!` before what must not.
 * Values may be lists with commas, and `*` stands for anything. No regular expressions. What stands
 * in quotes is one value, whatever is in it.
 *
 * @param keys those that mean something here; another one would leave everybody in
 * @return `{terms, faults}`: what cannot be understood is said, and left out
 */
export function parse(text, keys) {
  const terms = [];
  const faults = [];
  for (const [, no, before = '', quoted, bare] of
    text.matchAll(/(!?)(?:([^\s":]+):)?(?:"([^"]*)"?|([^\s"!][^\s"]*)|(?<=:))/gu)) {
    const not = no !== '';
    const key = before.toLowerCase();
    if (key !== '' && !keys.includes(key)) {
      faults.push(`there is no key "${key}": keys are ${keys.join(', ')}`);
      continue;
    }
    const values = (quoted === undefined ? (bare ?? '').split(',') : [quoted])
      .filter(v => v !== '').map(v => v.toLowerCase());
    if (key !== '' && values.length === 0) {
      faults.push(`"${key}:" needs a value`);
    }
    if (key === 'state') {
      values.filter(v => !STATES.includes(v.toUpperCase())).forEach(v =>
        faults.push(`there is no state "${v}": states are ${STATES.join(', ').toLowerCase()}`));
    }
    if (key === 'is') {
      values.filter(v => !Object.hasOwn(IS, v)).forEach(v =>
        faults.push(`nothing is "${v}": one can be ${Object.keys(IS).join(', ')}`));
    }
    if (values.length > 0) {
      terms.push({key, not, values});
    }
  }
  return {terms, faults};
}

export function matchesWorker(query, worker) {
  return query.terms.every(({key, not, values}) => values.some(value => {
    switch (key) {
      case '': return contains(value, worker.name, worker.type, worker.last?.message);
      case 'state': return worker.state.toLowerCase() === value;
      case 'type': return glob(value, worker.type);
      case 'name': return glob(value, worker.name);
      case 'slot': return String(worker.slot) === value;
      case 'gen': return String(worker.generation) === value;
      case 'exit': return worker.last?.exit?.toLowerCase() === value;
      case 'is': return Object.hasOwn(IS, value) && IS[value](worker);
      default: return true;
    }
  }) !== not);
}

export function matchesRecord(query, r) {
  if (r.gap) {
    return true;
  }
  return query.terms.every(({key, not, values}) => values.some(value => {
    switch (key) {
      case '': return contains(value, r.name, r.type, r.message, r.cause);
      case 'state': return r.to?.toLowerCase() === value || r.from?.toLowerCase() === value;
      case 'type': return glob(value, r.type);
      case 'name': return glob(value, r.name);
      case 'slot': return String(r.slot) === value;
      case 'gen': return String(r.generation) === value;
      case 'cause': return r.cause === value;
      case 'exit': return r.exit?.toLowerCase() === value;
      default: return true;
    }
  }) !== not);
}

function contains(value, ...texts) {
  return value.includes('*')
    ? texts.some(text => glob(`*${value}*`, text))
    : texts.some(text => text && text.toLowerCase().includes(value));
}

/** Whether the whole text is as the pattern says; linear in both, unlike an expression. */
export function glob(pattern, text) {
  if (text === null || text === undefined) {
    return false;
  }
  const low = text.toLowerCase();
  const parts = pattern.split('*');
  if (parts.length === 1) {
    return low === pattern;
  }
  if (!low.startsWith(parts[0])) {
    return false;
  }
  let at = parts[0].length;
  for (const part of parts.slice(1, -1)) {
    const found = low.indexOf(part, at);
    if (found < 0) {
      return false;
    }
    at = found + part.length;
  }
  const end = parts[parts.length - 1];
  return low.length - end.length >= at && low.endsWith(end);
}

const STOPPING_LONG_MS = 10000;
const STARTING_LONG_MS = 5000;
const RECENT_MS = 600000;

/** From 0, the worst. */
export function severity(worker, now) {
  const for_ = now - (worker.stateSince ?? now);
  switch (worker.state) {
    case 'ABANDONED': return 0;
    case 'PARKED': return 1;
    case 'BACKOFF': return 2;
    case 'STOPPING': return for_ > STOPPING_LONG_MS ? 3 : 6;
    case 'STARTING': return for_ > STARTING_LONG_MS ? 4 : 7;
    case 'RUNNING':
      if (!worker.ready) {
        return 5;
      }
      return worker.failures > 0 && now - (worker.last?.at ?? 0) < RECENT_MS ? 9 : 10;
    default: return 8;
  }
}

export const SORTS = {
  worst: 'worst first',
  slot: 'by slot',
  name: 'by name',
  since: 'last changed first',
};

/** The worst, or first, of them, at most that many; the slots of `before` stay where they are. */
export function ordered(workers, sort, now, most, before) {
  const left = new Map(workers.map(worker => [worker.slot, worker]));
  const found = before.filter(slot => left.has(slot)).map(slot => left.get(slot));
  found.forEach(worker => left.delete(worker.slot));
  return found.concat(sorted([...left.values()], sort, now, most)).slice(0, most);
}

/** Whole buckets, so that few are sorted where there are many. */
function sorted(workers, sort, now, most) {
  if (sort !== 'worst') {
    const by = {
      slot: (a, b) => a.slot - b.slot,
      name: (a, b) => (a.name ?? '').localeCompare(b.name ?? '') || a.slot - b.slot,
      since: (a, b) => b.stateSince - a.stateSince || a.slot - b.slot,
    }[sort];
    return workers.sort(by).slice(0, most);
  }
  const buckets = Array.from({length: 11}, () => []);
  workers.forEach(worker => buckets[severity(worker, now)].push(worker));
  const found = [];
  for (const bucket of buckets) {
    if (found.length >= most) {
      break;
    }
    bucket.sort((a, b) => b.failures - a.failures || a.slot - b.slot);
    found.push(...bucket);
  }
  return found.slice(0, most);
}

const VIEWS = ['tiles', 'table', 'lanes'];
const MINUTES = 15;

/** What the address asks for; whatever in it is not understood is as if it were not there. */
export function fromAddress() {
  const p = new URLSearchParams(location.search);
  const slot = p.get('slot');
  const minutes = Number(p.get('t'));
  return {
    q: p.get('q') ?? '',
    journal: p.get('journal') ?? '',
    view: VIEWS.includes(p.get('view')) ? p.get('view') : VIEWS[0],
    sort: Object.hasOwn(SORTS, p.get('sort')) ? p.get('sort') : 'worst',
    slot: slot !== null && /^\d{1,6}$/.test(slot) ? Number(slot) : null,
    minutes: RANGES.includes(minutes) ? minutes : MINUTES,
    paused: false,
  };
}

/** The address that says what is chosen; what is as usual is not in it. */
export function toAddress({q, journal, view, sort, slot, minutes}) {
  const p = new URLSearchParams();
  const entries = {
    q, journal, view: view === VIEWS[0] ? '' : view, sort: sort === 'worst' ? '' : sort,
    slot: slot ?? '', t: minutes === MINUTES ? '' : minutes,
  };
  Object.entries(entries).forEach(([key, value]) => value !== '' && p.set(key, value));
  const now = new URLSearchParams(location.search);
  ['demo', 'speed'].forEach(key => now.has(key) && p.set(key, now.get(key)));
  return p.toString() === '' ? location.pathname : `?${p}`;
}
