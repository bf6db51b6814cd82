import {Store} from './store.js';

/** @typedef {import('../api/client.js').Order} Order */

const SETTLE_MS = 10_000; // how long a new order may be missing from the list that the API gives

/** The orders of who is signed in, newest first. */
export class Orders extends Store {
  /** @type {Order[]} */
  #list = [];
  /** @type {Map<string, number>} when orders were placed here, by id */
  #placed = new Map();
  #note = '';

  get list() {
    return this.#list;
  }

  /** Why the list may be out of date, or ''. */
  get note() {
    return this.#note;
  }

  set note(note) {
    this.#note = note;
    this.changed();
  }

  /** Whether a status will change soon without anybody at the counter: the kitchen accepts by itself. */
  get moving() {
    return this.#list.some(({status}) => status === 'created');
  }

  /** @param {Order} order just placed; the API's list may take a moment to have it */
  add(order) {
    this.#placed.set(order.id, Date.now());
    this.#list = [order, ...this.#list.filter(({id}) => id !== order.id)];
    this.changed();
  }

  /** @param {Order[]} list as the API gave it */
  replace(list) {
    const there = new Set(list.map(({id}) => id));
    const awaited = this.#list.filter(({id}) =>
      !there.has(id) && Date.now() - (this.#placed.get(id) ?? 0) < SETTLE_MS);
    this.#list = [...awaited, ...list];
    this.#note = '';
    this.changed();
  }

  clear() {
    this.#placed.clear();
    this.replace([]);
  }
}
