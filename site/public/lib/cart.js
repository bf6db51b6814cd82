import {Store} from './dom.js';

/** @typedef {{name: string, type: string, options?: string[], note?: string}} Product */
/** @typedef {Product & {qty: number}} Item */

const KEY = 'caffe-cart';
export const MAX_QTY = 99; // the API's limit per item

/**
 * Returns the key that identifies a product: with other options or another note, it is another line of the cart.
 * @param {Product} item
 */
export const keyOf = ({name, type, options = [], note = ''}) => JSON.stringify([name, type, [...options].sort(), note]);

/**
 * Returns a product without anything else, such as a price, and without empty fields.
 * @param {Product} item
 * @returns {Product}
 */
export const productOf = ({name, type, options, note}) =>
  ({name, type, ...(options?.length && {options}), ...(note && {note})});

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
  setQty(product, qty) {
    const items = this.items;
    const old = items.find((item) => keyOf(item) === keyOf(product));
    if (old) old.qty = asQty(qty);
    else items.push({...productOf(product), qty: asQty(qty)});
    this.#set(items);
  }

  /**
   * Replaces a product, in its place: with other options or another note.
   * @param {Product} old
   * @param {Product} product
   */
  change(old, product) {
    /** @type {Item[]} */
    const items = [];
    for (const item of this.items) {
      const now = keyOf(item) === keyOf(old) ? {...productOf(product), qty: item.qty} : item;
      const same = items.find((it) => keyOf(it) === keyOf(now));
      if (same) same.qty = asQty(same.qty + now.qty);
      else items.push(now);
    }
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
      this.#items = items.map((/** @type {Item} */ item) => ({...productOf(item), qty: asQty(item.qty)}));
      this.#orderId = orderId;
    } catch {
      // Unreadable: start with an empty cart.
    }
  }
}
