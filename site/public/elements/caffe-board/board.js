import {Store} from '../../lib/dom.js';
import {Poller} from '../../lib/poller.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../api/orders.js').Order} Order */
/** @typedef {import('../../api/worker.js').Photo} Photo */
/** @typedef {import('../../api/client.js').ApiError} ApiError */
/** @typedef {Order & {moving: boolean}} BoardOrder `moving`: its status is requested but not confirmed */

const SETTLE_MS = 10_000; // how long the API's lists can lag behind its answer to a move
const PHOTOS_MS = 30_000; // photos can appear later than orders, so they are fetched less often

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
  /** @type {Map<string, {order: Order, until: number}>} recently confirmed moves */
  #moved = new Map();
  /** @type {Map<string, Photo[]>} */
  #photos = new Map();
  #photosAt = 0;
  #poller = new Poller(() => this.#load());

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

  /** @param {import('../../api/client.js').ApiClient} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** Starts polling while the page is visible. */
  start() {
    this.#poller.start(0);
  }

  stop() {
    this.#poller.stop();
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
   * @param {Order} order
   * @param {string} status
   * @returns {Promise<boolean>} whether the move succeeded
   */
  async move({customer, id}, status) {
    const key = keyOf({customer, id});
    if (this.#moving.has(key)) return false;
    this.#moving.set(key, status);
    this.problem = '';
    this.changed();
    try {
      const order = await this.#api.moveOrder(customer, id, status);
      this.#moved.set(key, {order, until: Date.now() + SETTLE_MS});
      this.#orders = this.#settled(this.#orders);
      return true;
    } catch (error) {
      this.#failed(id, /** @type {ApiError} */ (error));
      return false;
    } finally {
      this.#moving.delete(key);
      this.changed();
    }
  }

  /**
   * @param {string} id
   * @param {ApiError} error
   */
  #failed(id, {status, message}) {
    if (status === 401) return this.#end();
    if (status === 404) this.problem = texts.orderGone(id);
    else if (status === 409) this.problem = texts.orderOvertaken(id);
    else this.problem = texts.orderNotMoved(id, message);
    this.start(); // to load the real state
  }

  /** @returns {Promise<boolean>} whether to poll again */
  async #load() {
    try {
      const {orders, now, cut} = await this.#api.allOrders();
      this.#orders = this.#settled(orders);
      this.#ahead = Date.now() - now;
      this.ready = true;
      this.note = cut ? texts.boardCut : '';
      await this.#loadPhotos();
    } catch (error) {
      const {status, message} = /** @type {ApiError} */ (error);
      if (status === 401) this.#end();
      else this.note = message;
    }
    this.changed();
    return !this.over;
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
   * Returns the list with recently confirmed moves in place of older entries.
   * @param {Order[]} list
   */
  #settled(list) {
    const orders = new Map(list.map((order) => [keyOf(order), order]));
    for (const [key, {order, until}] of this.#moved) {
      if (until < Date.now()) this.#moved.delete(key);
      else if ((orders.get(key)?._updatedAt ?? 0) < (order._updatedAt ?? 0)) orders.set(key, order);
    }
    return [...orders.values()].sort((a, b) => b._createdAt - a._createdAt);
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
