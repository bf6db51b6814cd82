import {Listening} from '../lib/listening.js';
import {texts} from '../texts.js';

/** @typedef {import('./orders.js').Order} Order */
/** @typedef {import('./session.js').Who} Who */
/** @typedef {import('./session.js').Challenge} Challenge */
/** @typedef {import('./worker.js').OrdersPage} OrdersPage */
/** @typedef {import('./worker.js').Photo} Photo */
/** @typedef {import('./worker.js').AccountStep} AccountStep */
/** @typedef {import('../elements/caffe-invoice/caffe-invoice.js').Invoice} Invoice */
/**
 * An order that was placed without a network; `problem` says why it was refused.
 * @typedef {{id: string, customer: string, items: import('../lib/cart.js').Item[], pickupName?: string, placedAt: number,
 *   state: 'waiting' | 'refused' | 'kept' | 'held', problem?: import('./http.js').Problem}} WaitingOrder
 */

/** An error from the API or the network. `message` is for the customer; `status` is 0 if the API was unreachable. */
export class ApiError extends Error {
  /** @param {import('./http.js').Problem} problem */
  constructor(problem) {
    super(explain(problem));
    this.status = problem.status;
    this.code = problem.code;
  }
}

/**
 * Explains a problem to the customer.
 * @param {import('./http.js').Problem} problem
 */
export function explain({status, detail, errors, code}) {
  if (status === 0) return texts.unreachable;
  if (code) return texts.accountProblems[code] ?? texts.failed;
  if (status >= 500) return texts.failed;
  const fields = Array.isArray(errors) ? errors.map(({field, problem}) => `${field}: ${problem}`) : [];
  return [detail, ...fields].filter(Boolean).join(' ') || texts.failed;
}

/** A promise-based client of the API, which runs in `worker.js`. Promises reject with an {@link ApiError}. */
export class ApiClient {
  /** @type {Worker | undefined} */
  #worker;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: ApiError) => void}>} */
  #waiting = new Map();
  #number = 0;

  /** Live updates of the user's orders; for staff, of everyone's. */
  live = new Listening((wanted) =>
    void this.#ask({type: 'listen', wanted, online: navigator.onLine}).catch(() => {}));

  /** Starts the worker, before the first request and again after it did not load. */
  #start() {
    const worker = new Worker(new URL('worker.js', import.meta.url), {type: 'module'});
    let loaded = false;
    worker.addEventListener('message', ({data: {number, value, problem, live}}) => {
      loaded = true;
      if (live) this.live.receive(live);
      const waiting = this.#waiting.get(number);
      this.#waiting.delete(number);
      if (problem) waiting?.reject(new ApiError(problem));
      else waiting?.resolve(value);
    });
    // The worker did not load, so no request will be answered.
    worker.addEventListener('error', () => {
      if (loaded) return; // it has the tokens
      worker.terminate();
      this.#worker = undefined;
      for (const {reject} of this.#waiting.values()) reject(new ApiError({status: 0}));
      this.#waiting.clear();
    });
    return worker;
  }

  /**
   * @param {{username: string, password: string, stay: boolean}} credentials `stay`: whether to stay signed in
   * @returns {Promise<Who | Challenge>}
   */
  signIn(credentials) {
    return this.#ask({type: 'sign-in', ...credentials});
  }

  /**
   * Answers a {@link Challenge}.
   * @param {{newPassword: string} | {code: string}} answer
   * @returns {Promise<Who | Challenge>}
   */
  answerChallenge(answer) {
    return this.#ask({type: 'answer-challenge', answer});
  }

  /**
   * @param {{code: string, verifier: string, redirectUri: string, stay: boolean}} proof from Cognito's hosted page
   * @returns {Promise<Who>}
   */
  signInByCode(proof) {
    return this.#ask({type: 'sign-in-code', ...proof});
  }

  /**
   * A step of signing up or of a forgotten password.
   * @param {AccountStep} step
   * @param {{username: string, password?: string, newPassword?: string, code?: string}} input
   * @returns {Promise<void>}
   */
  account(step, input) {
    return this.#ask({type: 'account', step, input});
  }

  /** @returns {Promise<Who | null>} the user who stayed signed in */
  resume() {
    return this.#ask({type: 'resume'});
  }

  /** Begins a session without an account. @returns {Promise<Who>} */
  beGuest() {
    return this.#ask({type: 'be-guest'});
  }

  /** Forgets the user in this tab only. @returns {Promise<void>} */
  leave() {
    return this.#ask({type: 'leave'});
  }

  /** Revokes the refresh token and deletes private data. @returns {Promise<void>} */
  signOut() {
    return this.#ask({type: 'sign-out'});
  }

  /**
   * Returns the user's own orders, one page at a time.
   * @param {string} [next] from the previous page
   * @returns {Promise<OrdersPage>}
   */
  orders(next) {
    return this.#ask({type: 'orders', next});
  }

  /**
   * For staff.
   * @returns {Promise<{orders: Order[], now: number, cut: boolean}>} the open orders and the latest finished ones,
   *   newest first; the API's time in ms; whether there are more open orders
   */
  allOrders() {
    return this.#ask({type: 'all-orders'});
  }

  /**
   * For staff.
   * @param {number} since ms
   * @returns {Promise<{orders: Order[], now: number, whole: boolean}>} all orders that were created since then, and some
   *   older ones, newest first; the API's time in ms; `whole`: false if there are too many, and some are missing
   */
  latestOrders(since) {
    return this.#ask({type: 'latest-orders', since});
  }

  /**
   * One order, with what it waits for.
   * @param {string} customer
   * @param {string} id
   * @returns {Promise<Order>}
   */
  order(customer, id) {
    return this.#ask({type: 'order', customer, id});
  }

  /**
   * Calls a route of the API that has JSON in both directions, for staff.
   * @param {string} path
   * @param {string} method
   * @param {unknown} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<import('./http.js').Answer>}
   */
  call(path, method, body, headers) {
    return this.#ask({type: 'call', path, method, body, headers});
  }

  /**
   * Lets live updates be those of a display.
   * @param {string} token
   * @returns {Promise<void>}
   */
  hearAsDisplay(token) {
    return this.#ask({type: 'be-display', token});
  }

  /**
   * What a display shows.
   * @param {string} token the display's
   * @returns {Promise<{number: number, status: string}[]>}
   */
  display(token) {
    return this.#ask({type: 'display', token});
  }

  /**
   * @param {import('./orders.js').NewOrder} order the same id does not order twice
   * @returns {Promise<Order>} with the status `waiting` if the network is down: it is sent later
   */
  placeOrder(order) {
    return this.#ask({type: 'place-order', order});
  }

  /**
   * Saves a guest's order on this device until the guest sends it.
   * @param {import('./orders.js').NewOrder} order
   * @returns {Promise<void>}
   */
  keepOrder(order) {
    return this.#ask({type: 'keep-order', order});
  }

  /**
   * @param {string} customer
   * @param {string} id
   * @param {string} status the new status
   * @param {string} [reason] why it is cancelled
   * @returns {Promise<Order>}
   */
  moveOrder(customer, id, status, reason) {
    return this.#ask({type: 'move-order', customer, id, status, reason});
  }

  /** @returns {Promise<WaitingOrder[]>} the orders on this device that are not sent yet or were refused */
  waiting() {
    return this.#ask({type: 'waiting'});
  }

  /** Drops a waiting order. @param {string} id @returns {Promise<void>} */
  forget(id) {
    return this.#ask({type: 'forget', id});
  }

  /**
   * Sends the waiting orders.
   * @param {string} [kept] ID of an order without a session, or of one that is over, which the customer wants to send, too
   * @returns {Promise<void>}
   */
  flush(kept = '') {
    return this.#ask({type: 'flush', kept});
  }

  /**
   * @param {{userid?: string, since?: number}} [which] for staff: the user, default everyone; `since` in ms
   * @returns {Promise<Photo[]>} newest first
   */
  photos(which) {
    return this.#ask({type: 'photos', ...which});
  }

  /**
   * @param {string} orderId
   * @param {Blob} blob a picture of at most 2 MB
   * @returns {Promise<Photo>}
   */
  addPhoto(orderId, blob) {
    return this.#ask({type: 'add-photo', orderId, blob});
  }

  /** @param {string} id @returns {Promise<void>} */
  removePhoto(id) {
    return this.#ask({type: 'remove-photo', id});
  }

  /**
   * @param {string} token from a payment link
   * @returns {Promise<Invoice>} rejects with 404 if the token is unknown, and with 409 if nothing is to be paid
   */
  invoice(token) {
    return this.#ask({type: 'invoice', token});
  }

  /**
   * Pays an invoice. Repeated calls pay it once.
   * @param {string} token from a payment link
   * @param {string} method
   * @param {string} key of this attempt
   * @returns {Promise<Invoice>} rejects with 409 if the payment was declined or nothing is to be paid
   */
  pay(token, method, key) {
    return this.#ask({type: 'pay', token, method, key});
  }

  /**
   * @param {import('./worker.js').Request} request
   * @returns {Promise<any>}
   */
  #ask(request) {
    const number = (this.#number += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, {resolve, reject});
      this.#worker ??= this.#start();
      this.#worker.postMessage({number, request});
    });
  }
}
