// What has happened, as far as this page knows: records, lanes, reasons, rates. All of it has a
// bound, whatever comes and however long the page is open.

export const RECORDS_MAX = 2000;
/** Why records of the journal before are not followed by the next ones. */
export const NEW_JOURNAL = 'new journal';
const SEGMENTS_A_LANE = 64;
const REASONS_MAX = 1000;
const SECONDS = 900;

const isFailure = exit => exit !== 'COMPLETED' && exit !== 'TERMINATED' && exit !== 'KILLED';

export class History {
  /** Newest last; a gap stands among them as `{gap: true, from, to, reason, at}`. */
  records = [];
  /**
   * By slot: stretches in one state, oldest first; `seq` is null where no record is known. They keep
   * no record alive: there are up to 64 a slot.
   */
  lanes = new Map();
  /** Where crash cycles began and ended: `{at, domain, begin}`. */
  cycles = [];
  /** Where phases began: `{at, phase}`. */
  phases = [];
  /** Stretches that were not seen: `{from, to}`, in time. */
  blind = [];
  /** Of each registration, and of all: the one may forget what the other counts. */
  #reasons = new Map();
  #allReasons = new Map();
  #seconds = new Map();
  /** When the first thing happened that is known here. */
  since = null;

  /** Takes a record that follows all that are here. */
  add(record) {
    this.#keep(record);
    this.#note(record);
  }

  #keep(record) {
    this.records.push(record);
    if (this.records.length > RECORDS_MAX + 200) {
      this.records.splice(0, this.records.length - RECORDS_MAX);
    }
  }

  /** Puts older records before those that are here of the same journal. */
  prepend(older) {
    const begin = this.records.findLastIndex(record => record.reason === NEW_JOURNAL) + 1;
    const all = this.records.toSpliced(begin, 0, ...older);
    const lanes = this.lanes;
    this.records = all.slice(-RECORDS_MAX);
    this.lanes = new Map();
    this.cycles = [];
    this.phases = [];
    this.#reasons.clear();
    this.#allReasons.clear();
    this.#seconds.clear();
    this.since = null;
    all.filter(record => !record.gap).forEach(record => this.#note(record));
    // What a snapshot said of a slot counts where no record does.
    for (const [slot, lane] of lanes) {
      lane.filter(segment => segment.seq === null).forEach(s => this.#place(slot, s));
    }
  }

  #note(record) {
    if (this.since === null) {
      this.since = record.at;
    }
    if (record.slot < 0) {
      this.#own(record);
    } else if (record.from !== record.to) {
      const {at, to: state, generation, seq, cause, exit, code, message, name} = record;
      this.#segment(record.slot,
        {at, state, generation, seq, cause, exit, code, message, name});
    }
    if (record.exit) {
      this.#reason(record);
    }
    this.#count(record);
  }

  #own(record) {
    if (record.cause === 'crash-begin' || record.cause === 'crash-end') {
      push(this.cycles,
        {at: record.at, domain: record.name, begin: record.cause === 'crash-begin'}, 200);
    } else if (record.cause === 'phase' || record.cause === 'opened') {
      push(this.phases, {at: record.at, phase: record.to ?? record.cause}, 50);
    } else if (record.cause === 'shutdown-begin') {
      push(this.phases, {at: record.at, phase: `${record.to} shutdown`}, 50);
    } else if (record.cause === 'closed') {
      push(this.phases, {at: record.at, phase: 'ended'}, 50);
    }
  }

  #segment(slot, segment) {
    let lane = this.lanes.get(slot);
    if (!lane) {
      lane = [];
      this.lanes.set(slot, lane);
    }
    push(lane, segment, SEGMENTS_A_LANE);
  }

  #place(slot, segment) {
    const lane = this.lanes.get(slot) ?? [];
    const at = lane.findIndex(s => s.at > segment.at);
    const same = lane.some(s => s.state === segment.state && s.at === segment.at);
    if (!same) {
      lane.splice(at < 0 ? lane.length : at, 0, segment);
      this.lanes.set(slot, lane);
    }
  }

  /** What a snapshot says of a slot, for its lane. */
  seen(worker) {
    const lane = this.lanes.get(worker.slot);
    const last = lane?.[lane.length - 1];
    if (!last || last.state !== worker.state || last.generation !== worker.generation) {
      this.#segment(worker.slot, {
        at: worker.stateSince, state: worker.state, generation: worker.generation, seq: null,
      });
    }
  }

  /** That a slot is free, without a record of when it became so. */
  freed(slot, at) {
    const lane = this.lanes.get(slot);
    if (lane && lane[lane.length - 1].state !== 'FREE') {
      push(lane, {at, state: 'FREE', generation: null, seq: null}, SEGMENTS_A_LANE);
    }
  }

  /** That records are missing. */
  gap(gap, at) {
    const last = this.records[this.records.length - 1];
    this.#keep({gap: true, at, slot: -1, ...gap});
    push(this.blind, {from: last?.at ?? at, to: at}, 50);
  }

  #reason(record) {
    const {slot, generation, name, exit, code, message} = record;
    const end = [exit, code, message].join('|');
    this.#end(this.#reasons, [slot, generation, end].join('|'), record, name);
    const before = this.#allReasons.get(end);
    this.#end(this.#allReasons, end, record, !before || before.name === name ? name : null);
  }

  #end(reasons, key, record, name) {
    const known = reasons.get(key);
    // The one that was seen last stands last, so that the first is the one to forget.
    reasons.delete(key);
    reasons.set(key, {
      slot: record.slot,
      generation: record.generation,
      name,
      exit: record.exit,
      code: record.code,
      message: record.message,
      count: (known?.count ?? 0) + 1,
      first: known?.first ?? record.at,
      last: record.at,
    });
    if (reasons.size > REASONS_MAX) {
      reasons.delete(reasons.keys().next().value);
    }
  }

  /** Distinct ways in which runs ended, the latest first: of one registration, or of all. */
  reasons(worker) {
    const found = worker
      ? [...this.#reasons.values()]
        .filter(r => r.slot === worker.slot && r.generation === worker.generation)
      : [...this.#allReasons.values()];
    // Of two in one millisecond the later one stands last.
    return found.reverse().sort((a, b) => b.last - a.last);
  }

  #count(record) {
    const second = Math.floor(record.at / 1000);
    let counts = this.#seconds.get(second);
    if (!counts) {
      counts = {transitions: 0, restarts: 0, failures: 0, cycles: 0};
      this.#seconds.set(second, counts);
      if (this.#seconds.size > SECONDS + 100) {
        this.#seconds.forEach((_, s) => s < second - SECONDS && this.#seconds.delete(s));
      }
    }
    counts.transitions++;
    counts.restarts += record.to === 'STARTING' && record.starts > 1 ? 1 : 0;
    counts.failures += record.exit && isFailure(record.exit) ? 1 : 0;
    counts.cycles += record.cause === 'crash-begin' ? 1 : 0;
  }

  /** `[seconds, transitions, restarts, failures]` up to now, for a chart. */
  rates(now, seconds = SECONDS) {
    // The second that has begun is not over.
    const end = Math.floor(now / 1000) - 1;
    const rows = [[], [], [], []];
    for (let s = end - seconds + 1; s <= end; s++) {
      const counts = this.#seconds.get(s);
      rows[0].push(s);
      rows[1].push(counts?.transitions ?? 0);
      rows[2].push(counts?.restarts ?? 0);
      rows[3].push(counts?.failures ?? 0);
    }
    return rows;
  }

  /** How many in the last 15 minutes. */
  total(what, now) {
    const begin = now / 1000 - SECONDS;
    let sum = 0;
    this.#seconds.forEach((counts, s) => sum += s >= begin ? counts[what] : 0);
    return sum;
  }
}

function push(list, entry, max) {
  list.push(entry);
  if (list.length > max) {
    list.shift();
  }
}
