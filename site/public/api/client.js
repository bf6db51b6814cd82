import {texts} from '../texts.js';

/** @typedef {import('../lib/cart.js').Item} Item */
/** @typedef {{id: string, customer: string, status: string, items: Item[], _createdAt: number}} Order */

/** What the API, or the way to it, had to say; `message` is for the customer. `status` 0: not reached. */
export class ApiError extends Error {
  /** @param {import('./worker.js').Problem} problem */
  constructor({status, detail, errors}) {
    const fields = Array.isArray(errors) ? errors.map(({field, problem}) => `${field}: ${problem}`) : [];
    const said = [detail, ...fields].filter(Boolean).join(' ');
    super(said || (status ? texts.failed : texts.unreachable));
    this.status = status;
  }
}

/** The API as promises. They reject with an {@link ApiError}. The work is done in `worker.js`. */
export class ApiClient {
  #worker = new Worker(new URL('worker.js', import.meta.url), {type: 'module'});
  #waiting = new Map();
  #number = 0;

  constructor() {
    this.#worker.addEventListener('message', ({data: {number, value, problem}}) => {
      const {resolve, reject} = this.#waiting.get(number);
      this.#waiting.delete(number);
      if (problem) reject(new ApiError(problem));
      else resolve(value);
    });
    // The worker did not load: nothing that was asked will be answered.
    this.#worker.addEventListener('error', () => {
      for (const {reject} of this.#waiting.values()) reject(new ApiError({status: 0}));
      this.#waiting.clear();
    });
  }

  /** @returns {Promise<void>} */
  signIn(username, password) {
    return this.#ask({type: 'sign-in', username, password});
  }

  /** @returns {Promise<void>} */
  signOut() {
    return this.#ask({type: 'sign-out'});
  }

  /** @returns {Promise<Order[]>} newest first */
  orders() {
    return this.#ask({type: 'orders'});
  }

  /**
   * @param {{id: string, items: Item[]}} order the same id again does not order twice
   * @returns {Promise<Order>}
   */
  placeOrder(order) {
    return this.#ask({type: 'place-order', order});
  }

  /** @param {import('./worker.js').Request} request */
  #ask(request) {
    const number = (this.#number += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, {resolve, reject});
      this.#worker.postMessage({number, request});
    });
  }
}
