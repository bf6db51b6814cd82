/** @typedef {import('../api/client.js').Order} Order */

const WAIT_MS = 20_000; // how often the page asks what an order waits for
const FIRST_MS = 8_000; // some orders are ready sooner, and nobody has to ask
const MOST = 3; // orders that it asks for
const WAITS = ['created', 'accepted'];

/** What the open orders wait for, asked for while somebody sees it. */
export class Waits {
  /** @type {Map<string, Order['wait']>} by ID */
  found = new Map();
  #api;
  #orders;
  #changed;
  /** @type {number | undefined} */
  #timer;
  #on = false;

  /**
   * @param {import('../api/client.js').ApiClient} api
   * @param {() => Order[]} orders the user's
   * @param {() => void} changed
   */
  constructor(api, orders, changed) {
    this.#api = api;
    this.#orders = orders;
    this.#changed = changed;
    document.addEventListener('visibilitychange', () => this.#on && this.#schedule(0));
  }

  /** Asks soon, and again as long as orders wait. */
  start() {
    this.#on = true;
    this.#schedule(FIRST_MS);
  }

  stop() {
    this.#on = false;
    clearTimeout(this.#timer);
    this.found.clear();
  }

  /** @param {number} delay */
  #schedule(delay) {
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => this.#ask(), delay);
  }

  async #ask() {
    const open = this.#orders().filter(({number, status}) => number !== undefined && WAITS.includes(status));
    for (const {customer, id} of open.slice(0, MOST)) {
      const order = await this.#api.order(customer, id).catch(() => null);
      if (!this.#on) return;
      if (order) this.found.set(id, order.wait);
    }
    if (open.length === 0) return;
    this.#changed();
    this.#schedule(WAIT_MS);
  }
}
