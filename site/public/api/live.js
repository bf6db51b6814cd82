/**
 * Live updates: hears of changes of orders through the event API's WebSocket (AppSync Events), while somebody wants to.
 * All tabs of a user share one connection: the tab that holds a lock has it, and tells the others.
 *
 * @typedef {import('./orders.js').Order} Order
 * @typedef {'off' | 'connecting' | 'live' | 'reconnecting' | 'offline' | 'refused'} StateName
 * @typedef {{state: StateName, at: number}} State `at`: the time of the last word from the event API in ms, or 0
 * @typedef {{board: boolean, order: Order, removed?: boolean}} Heard `board`: heard on the staff's channel, not on the
 *   user's own; `removed`: the order was deleted
 * @typedef {{menu?: string, open?: boolean, number?: number}} News `menu`: its new entity tag; `open`: whether the café
 *   is open now; `number`: an order on the displays has changed
 */
import {getSettings} from './http.js';
import * as guest from './guest.js';
import * as session from './session.js';

const FIRST_MS = 500; // the longest wait before the second attempt; doubles with each
const SLOWEST_MS = 60_000;
const REFUSED_MS = 300_000; // a refusal is not overcome by asking again
const OPENING_MS = 15_000;
const SILENCE_MS = 90_000; // a word comes every 60 s
const STABLE_MS = 30_000; // a connection that ends sooner is a failed attempt
const ANSWER_MS = 2000; // how long a tab that leads has to answer another one
const LONGEST_MS = 2 ** 31 - 1; // a timer takes no longer time
const SEGMENT = /^[A-Za-z0-9]([A-Za-z0-9-]{0,48}[A-Za-z0-9])?$/;
const PROTOCOL = 'aws-appsync-event-ws';
const BOARD = '/orders/board';
const MENU = '/orders/menu';

/** A user's live updates in this worker. */
export class Live {
  #customer = '';
  /** @type {BroadcastChannel | undefined} to the user's other tabs */
  #tabs;
  /** @type {AbortController | undefined} ends the wish to hear */
  #end;
  /** @type {(() => void) | undefined} ends the connection */
  #hangUp;
  /** @type {State} */
  #state = {state: 'off', at: 0};
  /** @type {(() => void) | undefined} ends a wait between attempts */
  #hurry;
  #leads = false;
  /** @type {number | undefined} until the tab that leads must have answered, or is asked again */
  #asking;
  #online = true;
  #wordAt = 0; // when this tab's connection began, or had its last word
  #tell;

  /** @param {(message: State | Heard | News) => void} tell the page */
  constructor(tell) {
    this.#tell = tell;
  }

  /**
   * Starts or stops to hear. While hearing, a call checks that the connection is alive: the device may have slept, or
   * the network may be back.
   * @param {boolean} wanted
   * @param {boolean} online whether there is a network, according to the page
   */
  want(wanted, online = true) {
    this.#online = online;
    const customer = session.customer();
    if (!wanted || !customer || customer !== this.#customer) this.#stop();
    if (!wanted || !customer) return;
    if (!this.#end) this.#start(customer);
    else if (online) this.#hurry?.();
    if (!online || (this.#leads && Date.now() - this.#wordAt > SILENCE_MS)) this.#hangUp?.();
    if (!this.#leads) this.#checkLeader();
  }

  /** @param {string} customer */
  #start(customer) {
    this.#customer = customer;
    const {signal} = (this.#end = new AbortController());
    this.#tabs = new BroadcastChannel(`live/${customer}`);
    this.#tabs.onmessage = ({data}) => this.#fromTab(data);
    this.#become('connecting');
    this.#request(signal, {signal});
  }

  /**
   * Waits for the lock, and leads while this tab has it.
   * @param {AbortSignal} signal
   * @param {LockOptions} options
   */
  #request(signal, options) {
    navigator.locks.request(`live/${this.#customer}`, options, () => this.#lead(signal)).catch((error) => {
      if (this.#end?.signal !== signal) return;
      this.#stop();
      // Another tab has taken over: follow it.
      if (error.name === 'AbortError') this.want(true, this.#online);
    });
  }

  /** Takes over from a tab that leads and does not answer, because its device or browser has suspended it. */
  #checkLeader() {
    clearTimeout(this.#asking);
    this.#tabs?.postMessage('state?');
    this.#asking = setTimeout(() => {
      const waits = this.#end;
      const {signal} = (this.#end = new AbortController());
      waits?.abort();
      this.#request(signal, {steal: true});
    }, ANSWER_MS);
  }

  #stop() {
    clearTimeout(this.#asking);
    this.#end?.abort();
    this.#end = undefined;
    this.#leads = false;
    this.#tabs?.close();
    this.#tabs = undefined;
    this.#hurry?.();
    this.#hangUp?.();
    if (this.#state.state !== 'off') this.#become('off');
  }

  /** @param {'state?' | State | Heard | News} message from another tab */
  #fromTab(message) {
    if (message === 'state?') {
      if (this.#leads) this.#tabs?.postMessage(this.#state);
    } else if (!this.#leads && 'state' in message) {
      clearTimeout(this.#asking);
      this.#asking = setTimeout(() => this.#checkLeader(), SILENCE_MS);
      const isNew = message.state !== this.#state.state;
      this.#state = message;
      if (isNew) this.#tell(message);
    } else if (!this.#leads) {
      this.#tell(message);
    }
  }

  /** @param {StateName} state */
  #become(state) {
    this.#state = {state, at: this.#state.at};
    this.#tell(this.#state);
    if (this.#leads) this.#tabs?.postMessage(this.#state);
  }

  /**
   * Keeps a connection until nobody on this tab wants to hear.
   * @param {AbortSignal} signal
   */
  async #lead(signal) {
    if (signal.aborted) return;
    clearTimeout(this.#asking);
    this.#leads = true;
    this.#become('connecting');
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const began = Date.now();
      const outcome = await this.#connection(signal).catch(() => 'failed');
      if (signal.aborted) break;
      if (outcome === 'was live' && Date.now() - began > STABLE_MS) attempt = 0;
      if (outcome === 'refused') this.#become('refused');
      else this.#become(this.#online ? 'reconnecting' : 'offline');
      // Full jitter: after an outage, not all devices come back at once.
      const longest = Math.min(SLOWEST_MS, FIRST_MS * 2 ** attempt);
      await this.#pause(outcome === 'refused' ? REFUSED_MS : Math.random() * longest);
    }
    if (!this.#end || this.#end.signal === signal) this.#leads = false;
  }

  /**
   * Returns the user's channels, each with the token that opens it.
   * @param {string} token the user's
   * @returns {Promise<string[][]>}
   */
  async #channels(token) {
    if (session.isDisplay()) return [['/orders/display', token]];
    const former = session.formerGuest();
    /** @type {string[][]} */
    const formers = former ? await guest.token().then((own) => [[channelOf(former), own]], () => []) : [];
    return [
      ...(SEGMENT.test(this.#customer) ? [[channelOf(this.#customer), token]] : []),
      ...formers,
      ...(session.isStaff() ? [[BOARD, token]] : []),
      [MENU, token],
    ];
  }

  /** @param {number} ms @returns {Promise<void>} */
  #pause(ms) {
    return new Promise((resolve) => {
      this.#hurry = resolve;
      setTimeout(resolve, ms);
    });
  }

  /**
   * Connects and subscribes. Resolves when the connection has ended.
   * @param {AbortSignal} signal
   * @returns {Promise<'failed' | 'refused' | 'was live'>}
   */
  async #connection(signal) {
    const {token, until} = await session.lease();
    const {live} = await getSettings();
    const channels = await this.#channels(token);
    if (!live) return 'refused';
    if (signal.aborted) return 'failed';
    const authorization = {host: live.host, Authorization: token};
    const socket = new WebSocket(live.url, [PROTOCOL, `header-${base64url(authorization)}`]);
    return new Promise((resolve) => {
      /** @type {'failed' | 'refused' | 'was live'} */
      let outcome = 'failed';
      let limit = SILENCE_MS;
      this.#wordAt = Date.now();
      const waiting = new Set(channels.keys());
      // Not after a `close` event: without a network it is late, and a blocked connection never sends it.
      const end = () => {
        clearTimeout(timer);
        clearTimeout(expiry);
        socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null;
        socket.close();
        resolve(outcome);
      };
      let timer = setTimeout(end, OPENING_MS);
      // The event API does not end a connection with its token.
      const expiry = setTimeout(end, Math.min(LONGEST_MS, Math.max(0, until - Date.now())));
      this.#hangUp = socket.onerror = socket.onclose = end;
      socket.onopen = () => {
        socket.send(JSON.stringify({type: 'connection_init'}));
        channels.forEach(([channel, token], id) => socket.send(JSON.stringify(
          {type: 'subscribe', id: `${id}`, channel, authorization: {...authorization, Authorization: token}})));
      };
      socket.onmessage = ({data}) => {
        const message = JSON.parse(data);
        if (message.type === 'subscribe_success') waiting.delete(Number(message.id));
        if (message.type === 'data') this.#hear(channels[Number(message.id)][0] === BOARD, message.event);
        // A guest's session can be over without the user's.
        const isFormer = message.type === 'subscribe_error' && channels[Number(message.id)]?.[1] !== token;
        if (isFormer) waiting.delete(Number(message.id));
        else if (['connection_error', 'subscribe_error'].includes(message.type)) {
          const types = message.errors?.map((/** @type {{errorType?: string}} */ {errorType}) => errorType) ?? [];
          if (types.includes('UnauthorizedException')) outcome = 'refused';
          end();
          return;
        }
        if (message.type === 'connection_ack') limit = Math.min(message.connectionTimeoutMs ?? limit, SILENCE_MS);
        this.#wordAt = this.#state.at = Date.now();
        if (waiting.size > 0) return; // the time to open the connection goes on
        if (outcome === 'failed') {
          outcome = 'was live';
          this.#become('live');
        }
        if (message.type === 'ka') this.#tabs?.postMessage(this.#state);
        clearTimeout(timer);
        timer = setTimeout(end, limit);
      };
    });
  }

  /**
   * @param {boolean} board
   * @param {string | string[]} received the events of a message, as JSON
   */
  #hear(board, received) {
    for (const text of [received].flat()) {
      const {order, removed, ...news} = JSON.parse(text);
      const heard = order ? {board, order, removed} : news;
      this.#tell(heard);
      this.#tabs?.postMessage(heard);
    }
  }
}

/** @param {string} customer */
const channelOf = (customer) => `/orders/customers/${customer}`;

/** @param {object} value */
function base64url(value) {
  const replaced = {'+': '-', '/': '_', '=': ''};
  return btoa(JSON.stringify(value)).replace(/[+/=]/g, (char) => replaced[/** @type {'+' | '/' | '='} */ (char)]);
}
