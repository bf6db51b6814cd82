import {Store} from './dom.js';

/** @typedef {{name: string, type: string}} Product */
/** @typedef {{name: string, type: string, qty: number}} Item */

const KEY = 'caffe-cart';
export const MAX_QTY = 99; // the API's limit per item

/**
 * Returns the key that identifies a product.
 * @param {Product} item
 */
export const keyOf = ({name, type}) => JSON.stringify([name, type]);

/**
 * Converts a value to a quantity that the API accepts.
 * @param {unknown} value
 */
export const asQty = (value) => Math.min(MAX_QTY, Math.max(1, Math.round(Number(value)) || 1));

/** The cart. It survives a reload, and all tabs share it. */
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
   * The ID of the order for these items. It stays the same until the cart changes, even after a reload, so that a retry
   * cannot order twice.
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
   * @param {number} [qty] the number to add
   */
  add(product, qty = 1) {
    const old = this.#items.find((item) => keyOf(item) === keyOf(product));
    this.setQty(product, (old?.qty ?? 0) + qty);
  }

  /**
   * @param {Product} product added if missing
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

  /** @param {Item[]} ordered is removed; items added while the order was being sent stay */
  take(ordered) {
    const taken = new Map(ordered.map((item) => [keyOf(item), item.qty]));
    this.#set(this.#items
      .map((item) => ({...item, qty: item.qty - (taken.get(keyOf(item)) ?? 0)}))
      .filter(({qty}) => qty > 0));
  }

  /** @param {Item[]} items */
  #set(items) {
    this.#items = items;
    this.#orderId = ''; // a changed cart is a new order
    this.#save();
    this.changed();
  }

  #save() {
    try {
      localStorage.setItem(KEY, JSON.stringify({items: this.#items, orderId: this.#orderId}));
    } catch {
      // Storage is full or blocked: the cart lasts as long as the page.
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
      // Unreadable: start with an empty cart.
    }
  }
}
