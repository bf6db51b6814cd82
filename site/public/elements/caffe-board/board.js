import {Store} from '../../lib/dom.js';
import {Poller} from '../../lib/poller.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../api/orders.js').Order} Order */
/** @typedef {import('../../api/worker.js').Photo} Photo */
/** @typedef {import('../../api/client.js').ApiError} ApiError */
/** @typedef {Order & {moving: boolean}} BoardOrder `moving`: its status is what was asked for, and not answered yet */

const SETTLE_MS = 10_000; // how long the API's lists may lag behind what it answered to a move
const PHOTOS_MS = 30_000; // how late a photo may come: it is no reason to ask as often as for orders

/**
 * What makes two orders the same: ids are each customer's own.
 * @param {{customer: string, id: string}} order
 */
export const keyOf = ({customer, id}) => `${customer}/${id}`;

/** Everyone's orders, as the API has them and as they are being moved here. */
export class Board extends Store {
  #api;
  /** @type {Order[]} */
  #orders = [];
  /** @type {Map<string, string>} the statuses that were asked for and not answered yet */
  #moving = new Map();
  /** @type {Map<string, {order: Order, until: number}>} what was answered of late */
  #moved = new Map();
  /** @type {Map<string, Photo[]>} */
  #photos = new Map();
  #photosAt = 0;
  #poller = new Poller(() => this.#load());

  /** Whether the orders have been seen at all. */
  ready = false;
  /** Whether the session has ended: nothing more comes. */
  over = false;
  /** Why the board may be out of date, or ''. */
  note = '';
  /** What went wrong with the last move, or ''. */
  problem = '';

  /** @param {import('../../api/client.js').ApiClient} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** Looks for news from now on, whenever the page can be seen. */
  start() {
    this.#poller.start(0);
  }

  stop() {
    this.#poller.stop();
  }

  /** @returns {BoardOrder[]} newest first, each with the status that it has or is about to have */
  get orders() {
    return this.#orders.map((order) => {
      const status = this.#moving.get(keyOf(order));
      return {...order, status: status ?? order.status, moving: Boolean(status)};
    });
  }

  /** @param {Order} order */
  photosOf(order) {
    return this.#photos.get(keyOf(order)) ?? [];
  }

  /**
   * Moves an order. It is shown where it goes at once, and where it really is when that is refused.
   * @param {Order} order
   * @param {string} status
   * @returns {Promise<boolean>} whether it is there now
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
    this.start(); // for how it really stands
  }

  /** @returns {Promise<boolean>} whether to look again */
  async #load() {
    try {
      this.#orders = this.#settled(await this.#api.allOrders());
      this.ready = true;
      this.note = '';
      await this.#loadPhotos();
    } catch (error) {
      const {status, message} = /** @type {ApiError} */ (error);
      if (status === 401) this.#end();
      else this.note = message;
    }
    this.changed();
    return !this.over;
  }

  /** The photos of the orders that are being worked on. */
  async #loadPhotos() {
    const open = this.#orders.filter(({status}) => isOpen(status));
    if (open.length === 0 || Date.now() - this.#photosAt < PHOTOS_MS) return;
    const photos = await this.#api.photos({since: Math.min(...open.map(({_createdAt}) => _createdAt))});
    this.#photos = Map.groupBy(photos, ({userid, orderId}) => keyOf({customer: userid, id: orderId ?? ''}));
    this.#photosAt = Date.now();
  }

  /**
   * A list, with what was answered of late in place of what is older.
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
 * Whether an order is still being worked on.
 * @param {string} status
 */
export const isOpen = (status) => ['created', 'accepted', 'ready'].includes(status);
