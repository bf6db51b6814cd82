import {Store} from './dom.js';

/** @typedef {{name: string, type: string}} Product */
/** @typedef {{name: string, type: string, qty: number}} Item */

const KEY = 'caffe-cart';
export const MAX_QTY = 99; // what the API takes for one item

/**
 * What makes two items the same product.
 * @param {Product} item
 */
export const keyOf = ({name, type}) => JSON.stringify([name, type]);

/**
 * Whatever was given as a quantity, as one that the API takes.
 * @param {unknown} value
 */
export const asQty = (value) => Math.min(MAX_QTY, Math.max(1, Math.round(Number(value)) || 1));

/** What the customer wants to order. It outlives a reload, and all tabs share it. */
export class Cart extends Store {
  /** @type {Item[]} */
  #items = [];
  #orderId = '';

  constructor() {
    super();
    this.#load();
    window.addEventListener('storage', ({key}) => {
      if (key !== KEY) return;
      this.#load();
      this.changed();
    });
  }

  /** @returns {Item[]} */
  get items() {
    return structuredClone(this.#items);
  }

  get count() {
    return this.#items.reduce((sum, {qty}) => sum + qty, 0);
  }

  /**
   * The id under which these items are ordered. It stays the same until the cart changes, over a reload too, so that
   * trying again after a failure cannot order twice.
   */
  get orderId() {
    if (!this.#orderId) {
      this.#orderId = crypto.randomUUID();
      this.#save();
    }
    return this.#orderId;
  }

  /**
   * @param {Product} product
   * @param {number} [qty] how many more of it
   */
  add(product, qty = 1) {
    const old = this.#items.find((item) => keyOf(item) === keyOf(product));
    this.setQty(product, (old?.qty ?? 0) + qty);
  }

  /**
   * @param {Product} product added when it was not there
   * @param {number} qty
   */
  setQty({name, type}, qty) {
    const items = this.items;
    const old = items.find((item) => keyOf(item) === keyOf({name, type}));
    if (old) old.qty = asQty(qty);
    else items.push({name, type, qty: asQty(qty)});
    this.#set(items);
  }

  /** @param {Product} product */
  remove(product) {
    this.#set(this.#items.filter((item) => keyOf(item) !== keyOf(product)));
  }

  /** @param {Item[]} ordered taken out; what came in while the order was on its way stays */
  take(ordered) {
    const taken = new Map(ordered.map((item) => [keyOf(item), item.qty]));
    this.#set(this.#items
      .map((item) => ({...item, qty: item.qty - (taken.get(keyOf(item)) ?? 0)}))
      .filter(({qty}) => qty > 0));
  }

  /** @param {Item[]} items */
  #set(items) {
    this.#items = items;
    this.#orderId = ''; // another cart is another order
    this.#save();
    this.changed();
  }

  #save() {
    try {
      localStorage.setItem(KEY, JSON.stringify({items: this.#items, orderId: this.#orderId}));
    } catch {
      // Storage is full or forbidden: the cart then lasts as long as the page.
    }
  }

  #load() {
    this.#items = [];
    this.#orderId = '';
    try {
      const {items, orderId} = JSON.parse(localStorage.getItem(KEY) ?? '{"items": []}');
      this.#items = items.map((/** @type {Item} */ {name, type, qty}) => ({name, type, qty: asQty(qty)}));
      this.#orderId = orderId;
    } catch {
      // Not readable: start with an empty cart.
    }
  }
}
