import {Store} from '../../lib/dom.js';
import {LIVE_FIRST_MS, Poller} from '../../lib/poller.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../api/orders.js').Order} Order */
/** @typedef {import('../../api/worker.js').Photo} Photo */
/** @typedef {import('../../api/client.js').ApiError} ApiError */
/** @typedef {Order & {moving: boolean}} BoardOrder `moving`: its status is requested but not confirmed */

const SETTLE_MS = 60_000; // how long a list can be older than a change: it lags, and takes several requests
const CHECKED_MS = 300_000; // a check is about everything that was created since the last one
const PHOTOS_MS = 30_000; // photos can appear later than orders, so they are fetched less often
const TICK_MS = 15_000; // how often the ages of orders are shown anew
const MOST_ENDED = 50; // finished orders that are kept
const TAKE_BACK_MS = 60_000; // how long the API lets a move be taken back

/**
 * Returns the key of an order: IDs are unique only per customer.
 * @param {{customer: string, id: string}} order
 */
export const keyOf = ({customer, id}) => `${customer}/${id}`;

/** Everyone's orders, from the API and with the moves made here. */
export class Board extends Store {
  #api;
  /** @type {Order[]} */
  #orders = [];
  /** @type {Map<string, string>} requested statuses that are not confirmed yet */
  #moving = new Map();
  /** @type {Map<string, {order: Order, removed?: boolean, until: number}>} recent changes: moves and what was heard */
  #recent = new Map();
  /** @type {Map<string, Photo[]>} */
  #photos = new Map();
  #photosAt = 0;
  #on = false;
  /** Whether all orders were loaded since live updates began, so that only lost ones can be missing. */
  #whole = false;
  #cut = false;
  /** @type {number | undefined} */
  #clock;
  #poller;

  /** How far this device's clock is ahead of the API's, in ms. A tablet's clock can be wrong by hours. */
  #ahead = 0;

  /** Whether the orders have been loaded. */
  ready = false;
  /** Whether the session has ended: no more updates follow. */
  over = false;
  /** Why the board might be out of date, or ''. */
  note = '';
  /** Why the last move failed, or ''. */
  problem = '';
  /** @type {{order: Order, from: string, until: number} | null} the last move, while it can be taken back */
  last = null;

  /** @param {import('../../api/client.js').ApiClient} api */
  constructor(api) {
    super();
    this.#api = api;
    this.#poller = new Poller(() => this.#load(), api.live);
    api.live.addEventListener('heard', (event) => this.#hear(/** @type {CustomEvent} */ (event).detail));
    api.live.addEventListener('state', () => {
      this.#whole = false;
      this.changed();
    });
  }

  /** Starts to follow the orders. Hears first and asks then, so that one request is enough. */
  start() {
    this.#on = true;
    this.#whole = false;
    clearInterval(this.#clock);
    this.#clock = setInterval(() => this.changed(), TICK_MS);
    this.#api.live.want('board', true);
    this.#poller.start(this.#api.live.isLive ? 0 : LIVE_FIRST_MS);
  }

  stop() {
    this.#on = false;
    clearInterval(this.#clock);
    this.#api.live.want('board', false);
    this.#poller.stop();
  }

  /** The state of the live updates. */
  get live() {
    return this.#api.live.state;
  }

  /** @returns {BoardOrder[]} newest first, each with its requested status, or else its current one */
  get orders() {
    return this.#orders.map((order) => {
      const status = this.#moving.get(keyOf(order));
      return {...order, status: status ?? order.status, moving: Boolean(status)};
    });
  }

  /** @returns {number} the API's time in ms */
  get now() {
    return Date.now() - this.#ahead;
  }

  /** @param {Order} order */
  photosOf(order) {
    return this.#photos.get(keyOf(order)) ?? [];
  }

  /**
   * Moves an order. The board shows the new status at once, and the real one if the move is refused.
   * @param {Order} moved
   * @param {string} status
   * @param {string} [reason] why it is cancelled
   * @returns {Promise<boolean>} whether the move succeeded
   */
  async move(moved, status, reason) {
    const {customer, id, number} = moved;
    const key = keyOf(moved);
    if (this.#moving.has(key)) return false;
    const isBack = this.last?.order.id === id && this.last.from === status;
    this.last = null;
    this.#moving.set(key, status);
    this.problem = '';
    this.changed();
    try {
      const order = await this.#api.moveOrder(customer, id, status, reason);
      this.#change({order});
      if (!isBack && status !== 'cancelled') {
        this.last = {order, from: moved.status, until: Date.now() + TAKE_BACK_MS};
        setTimeout(() => this.#on && this.changed(), TAKE_BACK_MS);
      }
      return true;
    } catch (error) {
      this.#failed(number, /** @type {ApiError} */ (error), isBack);
      return false;
    } finally {
      this.#moving.delete(key);
      this.changed();
    }
  }

  /** Takes the last move back. */
  async takeBack() {
    const {last} = this;
    return last ? this.move({...last.order}, last.from) : false;
  }

  /**
   * @param {number | undefined} number
   * @param {ApiError} error
   * @param {boolean} isBack whether a move was to be taken back, which the API refuses after a minute
   */
  #failed(number, {status, message}, isBack) {
    if (status === 401) return this.#end();
    if (status === 404) this.problem = texts.orderGone(number);
    else if (status === 409 && !isBack) this.problem = texts.orderOvertaken(number);
    else this.problem = texts.orderNotMoved(number, message);
    if (this.#on) this.#poller.start(0); // to load the real state
  }

  /** @param {import('../../api/live.js').Heard} heard */
  #hear({board, order, removed}) {
    if (!board || !this.#on) return;
    this.#change({order, removed});
    this.changed();
  }

  /** @param {{order: Order, removed?: boolean}} change that the API's lists can lack for a moment */
  #change({order, removed}) {
    const key = keyOf(order);
    const last = this.#recent.get(key);
    // An event can be late.
    const isOld = last && ((last.order._updatedAt ?? 0) > (order._updatedAt ?? 0) ||
      (last.removed && last.order._createdAt >= order._createdAt));
    if (!isOld) this.#recent.set(key, {order, removed, until: Date.now() + SETTLE_MS});
    this.#orders = this.#settled(this.#orders);
  }

  /** @returns {Promise<import('../../lib/poller.js').Outcome>} */
  async #load() {
    try {
      const now = await (this.#whole ? this.#check() : this.#loadAll());
      this.#ahead = Date.now() - now;
      this.ready = true;
      this.note = this.#cut ? texts.boardCut : '';
      await this.#loadPhotos();
    } catch (error) {
      const {status, message} = /** @type {ApiError} */ (error);
      this.#whole = false;
      if (status === 401) this.#end();
      else this.note = message;
      this.changed();
      return this.over ? 'done' : 'failed';
    }
    this.changed();
    return 'more';
  }

  /** Loads all orders on the board. @returns {Promise<number>} the API's time */
  async #loadAll() {
    this.#whole = this.#api.live.isLive; // unless that ends before the answer
    const {orders, now, cut} = await this.#api.allOrders();
    this.#orders = this.#settled(orders);
    this.#cut = cut;
    return now;
  }

  /**
   * Loads what can have changed without being heard: open orders, and all that are as new as the oldest of them.
   * @returns {Promise<number>} the API's time
   */
  async #check() {
    const open = this.#orders.filter(({status}) => isOpen(status)).map(({_createdAt}) => _createdAt);
    const since = Math.min(this.now - CHECKED_MS, ...open);
    const {orders, now, whole} = await this.#api.latestOrders(since);
    if (!whole) return this.#loadAll();
    this.#orders = this.#settled([...this.#orders.filter(({_createdAt}) => _createdAt < since), ...orders]);
    return now;
  }

  /** Loads the photos of open orders. */
  async #loadPhotos() {
    const open = this.#orders.filter(({status}) => isOpen(status));
    if (open.length === 0 || Date.now() - this.#photosAt < PHOTOS_MS) return;
    const photos = await this.#api.photos({since: Math.min(...open.map(({_createdAt}) => _createdAt))});
    this.#photos = new Map();
    for (const photo of photos) {
      const key = keyOf({customer: photo.userid, id: photo.orderId ?? ''});
      this.#photos.set(key, [...(this.#photos.get(key) ?? []), photo]);
    }
    this.#photosAt = Date.now();
  }

  /**
   * Returns the list with recent changes in place of older entries.
   * @param {Order[]} list
   */
  #settled(list) {
    const orders = new Map(list.map((order) => [keyOf(order), order]));
    for (const [key, {order, removed, until}] of this.#recent) {
      if (until < Date.now()) this.#recent.delete(key);
      else if (removed) orders.delete(key);
      else if ((orders.get(key)?._updatedAt ?? 0) < (order._updatedAt ?? 0)) orders.set(key, order);
    }
    const sorted = [...orders.values()].sort((a, b) => b._createdAt - a._createdAt);
    const ended = new Set(sorted.filter(({status}) => !isOpen(status)).slice(MOST_ENDED));
    return sorted.filter((order) => !ended.has(order));
  }

  #end() {
    this.over = true;
    this.stop();
  }
}

/**
 * Whether an order with this status is open.
 * @param {string} status
 */
export const isOpen = (status) => ['created', 'accepted', 'ready'].includes(status);
