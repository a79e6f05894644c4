// The live source: protocols §4. It reconnects for ever, resumes where it was, and acknowledges
// what it took, since a browser would buffer without a bound for a page that is slow.

import {api} from './api.js';

const WINDOW = 4096;
const ACK_MS = 250;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 30000;
const HEALTHY_MS = 60000;
/** How long a server may take for its first word. */
const HELLO_MS = 15000;
const NO_RETRY = new Set([1009, 4400, 4403]);
const NO_SESSION = 4401;

export class Feed {
  /** `connecting`, `live`, `lost`, `unauthenticated` or `refused`. */
  state = {kind: 'connecting', since: performance.now(), tries: 0, next: null, why: null};
  #onMessage;
  #onState;
  #socket = null;
  #position = null;
  #parts = [];
  /** Whether a gap came, and not yet the picture that mends it. */
  #torn = false;
  #heardAt = 0;
  #liveSince = 0;
  #heartbeatMs = 5000;
  #retryMs = null;
  #acked = 0;
  #ackedAt = 0;
  #ackTimer = null;
  #retryTimer = null;
  #stopped = false;

  constructor(onMessage, onState) {
    this.#onMessage = onMessage;
    this.#onState = onState;
  }

  start() {
    setInterval(() => this.#watch(), 1000);
    this.#connect();
  }

  /** Connects at once. */
  again() {
    if (this.state.kind !== 'live') {
      this.#close();
      this.#connect();
    }
  }

  /** Asks for a new snapshot; what came before it is forgotten. */
  anew() {
    this.#position = null;
    if (this.state.kind === 'live') {
      this.#subscribe();
    }
  }

  /** Connects again, as whoever the cookie says now. */
  asAnother() {
    this.#close();
    this.#connect();
  }

  #set(kind, more = {}) {
    const same = this.state.kind === kind;
    this.state = {
      kind, since: same ? this.state.since : performance.now(), tries: this.state.tries, next: null,
      why: null, ...more,
    };
    this.#onState(this.state);
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    if (this.state.kind === 'live' || this.state.kind === 'refused') {
      this.#set('connecting');
    }
    const url = new URL('feed', document.baseURI);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url, 'postmaster.feed.v1+json');
    this.#socket = socket;
    this.#retryMs = null;
    this.#heardAt = performance.now();
    socket.onmessage = event => {
      if (socket === this.#socket) {
        this.#take(JSON.parse(event.data));
      }
    };
    socket.onclose = event => {
      if (socket === this.#socket) {
        this.#closed(event);
      }
    };
  }

  #close() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #take(m) {
    this.#heardAt = performance.now();
    if (m.t === 'hello') {
      this.#heartbeatMs = m.heartbeatMs;
      this.#liveSince = performance.now();
      this.#acked = 0;
      this.#torn = false;
      this.#onMessage(m);
      this.hello = m;
      this.#subscribe();
      this.#set('live', {tries: 0});
    } else if (m.t === 'snapshot') {
      this.#part(m);
    } else if (m.t === 'bye') {
      this.#retryMs = m.retryMs;
    } else {
      this.#moveTo(m);
      this.#onMessage(m);
      this.#ack();
    }
  }

  /** No half picture: the parts are one message when the last of them is there. */
  #part(m) {
    if (m.part === 1) {
      this.#parts = [];
    }
    this.#parts.push(m);
    if (m.part === m.parts) {
      const workers = this.#parts.flatMap(part => part.workers);
      this.#parts = [];
      this.#torn = false;
      this.#position = {epoch: this.hello.epoch, seq: m.seq};
      this.#onMessage({...m, workers});
    }
  }

  #moveTo(m) {
    if (m.t === 'gap') {
      // Whoever resumed behind it, without the picture that follows, would never learn of it.
      this.#torn = true;
    } else if (m.t === 'slots') {
      this.#torn = false;
    }
    const seq = m.t === 'transition' || m.t === 'slots' ? m.seq : m.t === 'heartbeat' ? m.sent : null;
    if (seq !== null && !this.#torn && this.#position !== null && seq > this.#position.seq) {
      this.#position = {epoch: this.hello.epoch, seq};
    }
  }

  #subscribe() {
    const message = {t: 'subscribe', snapshot: true, window: WINDOW};
    if (this.#position !== null) {
      message.resume = this.#position;
    }
    this.#send(message);
  }

  /** At most every quarter of a second; the server takes ten messages a second. */
  #ack() {
    if (this.#position === null || this.#position.seq <= this.#acked) {
      return;
    }
    const wait = this.#ackedAt + ACK_MS - performance.now();
    if (wait <= 0) {
      this.#acked = this.#position.seq;
      this.#ackedAt = performance.now();
      this.#send({t: 'ack', seq: this.#acked});
    } else {
      this.#ackTimer ??= setTimeout(() => {
        this.#ackTimer = null;
        this.#ack();
      }, wait);
    }
  }

  #send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  #watch() {
    const silent = performance.now() - this.#heardAt;
    const live = this.state.kind === 'live';
    const begun = this.#socket !== null && this.#socket.readyState <= WebSocket.OPEN;
    if (live && silent > 2.4 * this.#heartbeatMs || !live && begun && silent > HELLO_MS) {
      this.#close();
      this.#lost('nothing was heard');
    }
  }

  #closed(event) {
    this.#parts = [];
    const greeted = this.state.kind === 'live';
    if (event.code === NO_SESSION) {
      // Where everybody may read, it goes on without one.
      this.#retryMs = 0;
      this.#lost(event.reason);
    } else if (NO_RETRY.has(event.code)) {
      this.#set('refused', {why: event.reason || `closed with ${event.code}`});
    } else {
      this.#lost(event.reason || null);
    }
    if (!greeted && this.state.kind === 'lost') {
      this.#ask(this.#socket);
    }
  }

  /** A browser does not say why a handshake was refused. */
  async #ask(socket) {
    const status = await api.status().then(() => 200, fault => fault.status);
    if (socket !== this.#socket || this.state.kind !== 'lost') {
      return;
    }
    if (status === 401) {
      clearTimeout(this.#retryTimer);
      this.#set('unauthenticated');
    } else if (status === 200) {
      this.#set('lost', {next: this.state.next, why: 'the server answers, but opens no feed'});
    }
  }

  #lost(why) {
    const healthy = this.state.kind === 'live' &&
      performance.now() - this.#liveSince > HEALTHY_MS;
    const tries = healthy ? 1 : this.state.tries + 1;
    const most = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(tries, 10));
    const wait = this.#retryMs ?? RETRY_MIN_MS / 2 + Math.random() * most;
    this.#set('lost', {tries, next: performance.now() + wait, why});
    this.#retryTimer = setTimeout(() => this.#connect(), wait);
  }
}
