import {Store} from './dom.js';
import {texts} from '../texts.js';

/** @typedef {{name: string, group: string, price: number}} Option price in minor units */
/** @typedef {{name: string, type: string, price: number, picture?: string, soldOut: boolean, options: Option[]}} MenuItem */
/** @typedef {{open: boolean, opensAt?: number, closesAt?: number, waiting: number, minutes: number | null}} Cafe times in ms */
/** @typedef {import('./cart.js').Product} Product */

const KEY = 'caffe-menu';
const FRESH_MS = 60_000; // how long an answer counts as current: the CDN keeps the menu as long
const SETTLED_MS = 2_000; // clocks differ
const LONGEST_MS = 2 ** 31 - 1; // a timer takes no longer time
const BEFORE_ORDER_MS = 3_000; // how long an order waits for the current menu

/** The menu and whether the café is open, from the API. The last menu is kept, for offline. */
export class Menu extends Store {
  /** @type {MenuItem[] | null} null until it is loaded */
  items = null;
  /** @type {Cafe | null} null while it is not known */
  cafe = null;
  /** Whether the menu could not be loaded, and none is kept. */
  failed = false;
  #currency = 'EUR';
  #etag = '';
  #askedAt = -Infinity;
  #menuOnly = true;
  /** @type {number | undefined} */
  #hours;
  #url;

  /** @param {Promise<{api: {apiUrl: string}, menuOnly?: boolean}>} settings */
  constructor(settings) {
    super();
    this.#url = settings.then(({api, menuOnly = true}) => {
      this.#menuOnly = menuOnly;
      return new URL(api.apiUrl, location.origin);
    });
    this.#url.catch(() => {});
    this.#restore();
  }

  /**
   * Asks the API, unless it did within the last minute. Never rejects.
   * @param {boolean} [anyway]
   */
  async refresh(anyway = false) {
    if (!anyway && Date.now() - this.#askedAt < FRESH_MS) return;
    this.#askedAt = Date.now();
    await Promise.all([this.#load(), this.#loadCafe()]);
  }

  /** Like `refresh`, for at most a few seconds: an order is refused anyway if anything is gone. */
  async beforeOrder() {
    await Promise.race([this.refresh(), new Promise((resolve) => setTimeout(resolve, BEFORE_ORDER_MS))]);
  }

  /**
   * Follows live updates.
   * @param {import('./listening.js').Listening} live
   */
  follow(live) {
    let wasLive = false;
    live.addEventListener('state', () => {
      // What was missed while there was no connection.
      if (live.isLive) this.refresh(wasLive);
      wasLive ||= live.isLive;
    });
    live.addEventListener('news', (event) => this.hear(/** @type {CustomEvent} */ (event).detail));
  }

  /**
   * Takes what live updates said.
   * @param {{menu?: string, open?: boolean}} news `menu`: the menu's new entity tag
   */
  async hear({menu, open}) {
    if (open !== undefined) await this.#loadCafe();
    if (menu && menu !== this.#etag) await this.#load(menu);
  }

  /**
   * Returns a product's item on the menu, or undefined.
   * @param {{name: string}} product
   */
  find({name}) {
    return this.items?.find((item) => item.name === name);
  }

  /**
   * Returns the price of one of a product, with its options, or undefined if it is not known.
   * @param {Product} product
   */
  price(product) {
    const item = this.find(product);
    return item && this.#options(item, product).reduce((sum, {price}) => sum + price, item.price);
  }

  /**
   * Formats an amount in minor units of the menu's currency.
   * @param {number} amount
   */
  money(amount) {
    return texts.money(amount, this.#currency);
  }

  /**
   * Says why a product cannot be ordered now, or returns ''. What is not known is left to the API.
   * @param {Product} product
   */
  problem(product) {
    const item = this.find(product);
    if (!this.items) return '';
    if (!item) return this.#menuOnly ? texts.optionGone(product.name) : '';
    if (item.soldOut) return texts.soldOut;
    const missing = product.options?.filter((name) => !item.options.some((option) => option.name === name)) ?? [];
    return missing.length ? texts.optionGone(missing[0]) : '';
  }

  /** Says why nothing can be ordered now, or returns ''. */
  get closed() {
    return this.cafe && !this.cafe.open ? texts.closed(this.cafe.opensAt) : '';
  }

  /**
   * @param {MenuItem} item
   * @param {Product} product
   */
  #options(item, {options = []}) {
    return item.options.filter(({name}) => options.includes(name));
  }

  /**
   * Loads the menu. The entity tag keeps the CDN from returning an older version than the page already has.
   * @param {string} [version]
   */
  async #load(version = this.#etag) {
    try {
      const query = version ? `?v=${encodeURIComponent(version)}` : '';
      const known = this.items && this.#etag ? {'If-None-Match': this.#etag} : undefined;
      const url = new URL(`menu${query}`, await this.#url);
      const response = await fetch(url, {credentials: 'omit', cache: 'no-store', headers: known});
      if (response.status === 304) return;
      if (!response.ok) throw new Error(String(response.status));
      this.#show(await response.json(), response.headers.get('ETag') ?? '');
      this.#keep();
    } catch {
      this.#askedAt = -Infinity;
      this.failed = !this.items;
    }
    this.changed();
  }

  async #loadCafe() {
    try {
      const response = await fetch(new URL('cafe', await this.#url), {credentials: 'omit', cache: 'no-store'});
      if (response.ok) this.cafe = await response.json();
      this.#lookAtTheHours();
    } catch {
      // Not known: the API refuses orders while it is closed.
      this.cafe = null;
    }
    this.changed();
  }

  /** Asks again when the hours open or close the café. */
  #lookAtTheHours() {
    const next = this.cafe?.closesAt ?? this.cafe?.opensAt ?? Infinity;
    clearTimeout(this.#hours);
    const left = next - Date.now() + SETTLED_MS;
    if (left < LONGEST_MS) this.#hours = setTimeout(() => this.#loadCafe(), Math.max(SETTLED_MS, left));
  }

  /**
   * @param {{currency: string, items: MenuItem[]}} menu
   * @param {string} etag
   */
  #show({currency, items}, etag) {
    this.#currency = currency;
    this.items = items;
    this.#etag = etag;
    this.failed = false;
  }

  #keep() {
    try {
      localStorage.setItem(KEY, JSON.stringify({currency: this.#currency, items: this.items, etag: this.#etag}));
    } catch {
      // Storage is full or blocked: the menu lasts as long as the page.
    }
  }

  #restore() {
    try {
      const {etag, ...menu} = JSON.parse(localStorage.getItem(KEY) ?? 'null') ?? {};
      if (Array.isArray(menu.items)) this.#show(menu, etag);
    } catch {
      // Unreadable: wait for the API.
    }
  }
}
