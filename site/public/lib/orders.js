import {Store} from './dom.js';

/** @typedef {import('../api/client.js').Order} Order */
/** @typedef {import('../api/client.js').WaitingOrder} WaitingOrder */

const SETTLE_MS = 10_000; // how long a new order can be missing from the API's list
const OPEN = ['created', 'accepted', 'ready'];

/** The signed-in user's orders that have been loaded, newest first. */
export class Orders extends Store {
  /** @type {Order[]} */
  #list = [];
  /** @type {WaitingOrder[]} */
  #waiting = [];
  /** @type {Map<string, number>} when orders were placed here, by ID */
  #placed = new Map();
  /** @type {Map<string, number>} when deleted orders had been created, by ID */
  #removed = new Map();
  /** @type {string | null} */
  #next = null;
  #loaded = false;
  #further = false;
  #note = '';
  #problem = '';

  get list() {
    return this.#list;
  }

  /** Orders that are not sent yet or were refused. */
  get waiting() {
    return this.#waiting;
  }

  set waiting(waiting) {
    this.#waiting = waiting;
    this.changed();
  }

  /** The URL of the next page, or null. */
  get next() {
    return this.#next;
  }

  /** Whether the list was loaded at least once. */
  get loaded() {
    return this.#loaded;
  }

  /** Why the list might be out of date, or ''. Empty if waiting orders already show that the network is down. */
  get note() {
    return this.#waiting.some(({state}) => state === 'waiting') ? '' : this.#note;
  }

  set note(note) {
    this.#note = note;
    this.changed();
  }

  /** Why the customer's last request failed, or ''. */
  get problem() {
    return this.#problem;
  }

  set problem(problem) {
    this.#problem = problem;
    this.changed();
  }

  /** Whether any order is open, so that its status will change. */
  get moving() {
    return this.#list.some(({status}) => OPEN.includes(status));
  }

  /** @param {Order} order just placed or changed; the API's list can lag behind */
  put(order) {
    this.#placed.set(order.id, Date.now());
    this.#set([order, ...this.#list]);
  }

  /** @param {Order} order that was deleted: what was said about it before, and comes late, no longer counts */
  remove(order) {
    this.#placed.delete(order.id);
    this.#removed.set(order.id, order._createdAt);
    this.#set(this.#list);
  }

  /** @param {import('../api/client.js').OrdersPage} page the newest page from the API */
  replace({orders, next}) {
    const there = new Set(orders.map(({id}) => id));
    const oldest = orders.at(-1)?._createdAt ?? 0;
    const kept = this.#list.filter(({id, _createdAt}) => there.has(id) || (next && _createdAt <= oldest) ||
      Date.now() - (this.#placed.get(id) ?? 0) < SETTLE_MS);
    if (!this.#further) this.#next = next;
    this.#loaded = true;
    this.#note = '';
    this.#set([...orders, ...kept]);
  }

  /** @param {import('../api/client.js').OrdersPage} page the next page */
  append({orders, next}) {
    this.#further = true;
    this.#next = next;
    this.#set([...this.#list, ...orders]);
  }

  clear() {
    this.#placed.clear();
    this.#removed.clear();
    this.#waiting = [];
    this.#next = null;
    this.#loaded = this.#further = false;
    this.#note = this.#problem = '';
    this.#set([]);
  }

  /** @param {Order[]} orders the latest of those with the same ID counts: answers can arrive out of order */
  #set(orders) {
    /** @type {Map<string, Order>} */
    const byId = new Map();
    for (const order of orders) {
      if ((this.#removed.get(order.id) ?? 0) >= order._createdAt) continue;
      const other = byId.get(order.id);
      if (!other || (order._updatedAt ?? 0) > (other._updatedAt ?? 0)) byId.set(order.id, order);
    }
    this.#list = [...byId.values()].sort((a, b) => b._createdAt - a._createdAt);
    this.changed();
  }
}
