/** @typedef {import('../api/client.js').ApiClient} ApiClient */
/** @typedef {import('./cart.js').Item} Item */
import {texts} from '../texts.js';
import {say} from './dom.js';
import {Orders} from './orders.js';
import {LIVE_FIRST_MS, Poller} from './poller.js';

/** A customer's actions on orders: connects the elements, the list of orders and the API. */
export class Ordering {
  #orders = new Orders();
  #poller;
  #visit = 0; // counts sign-ins and sign-outs: answers for an earlier visit are dropped
  #signedIn = false;
  #placing = false;
  #sending = 0; // the visit whose orders are being sent from the outbox, if any
  #sendAgain = false; // requested again in the meantime: the network might be back since that attempt
  #loadingMore = false;
  #api;
  #cart;
  #views;
  #needSignIn;
  #sessionOver;

  /**
   * @param {ApiClient} api
   * @param {import('./cart.js').Cart} cart
   * @param {import('../app.js').Views} views
   * @param {(why: string, then: () => void) => void} needSignIn ends the visit and goes to the sign-in;
   *   `then` runs after it
   * @param {() => void} sessionOver ends the visit when no action is pending
   */
  constructor(api, cart, views, needSignIn, sessionOver) {
    this.#api = api;
    this.#cart = cart;
    this.#views = views;
    this.#needSignIn = needSignIn;
    this.#sessionOver = sessionOver;
    this.#poller = new Poller(() => this.#look(), api.live);
    api.live.addEventListener('heard', (event) => this.#hear(/** @type {CustomEvent} */ (event).detail));
    api.live.addEventListener('state', () => this.#draw());
    cart.addEventListener('change', () => this.#wish());
    views.history.client = api;
    this.#orders.watch(() => this.#draw());
    addEventListener('online', () => this.refresh());
  }

  /** After a sign-in: shows the user's orders and sends the waiting ones. */
  begin() {
    this.#visit += 1;
    this.#signedIn = true;
    this.#views.history.hidden = false;
    this.#draw();
    // Hear first and ask then, so that one request is enough.
    this.#api.live.want('orders', true);
    this.#poller.start(LIVE_FIRST_MS);
    this.flush();
  }

  /** After the end of a session: hides and clears the orders. */
  end() {
    this.#visit += 1;
    this.#signedIn = false;
    this.#poller.stop();
    this.#api.live.want('orders', false);
    this.#orders.clear();
    this.#views.history.hidden = true;
  }

  /** The number of orders that would be lost if private data were deleted now. */
  get unsent() {
    return this.#orders.waiting.length;
  }

  /** Reloads the orders now. */
  refresh() {
    this.#orders.problem = '';
    if (this.#signedIn) this.#poller.start(0);
  }

  /** @param {Item[]} items from the cart */
  async place(items) {
    const {cart: view} = this.#views;
    if (this.#placing || items.length === 0) return;
    view.error = '';
    if (!this.#signedIn) {
      this.#needSignIn(texts.signInToOrder, () => this.place(this.#cart.items));
      return;
    }
    const visit = this.#visit;
    this.#placing = view.busy = true;
    try {
      const order = await this.#api.placeOrder({id: this.#cart.orderId, items});
      this.#cart.take(items);
      const waits = order.status === 'waiting';
      say(waits ? texts.orderWaits : texts.placed);
      if (visit !== this.#visit) return;
      if (waits) await this.#showWaiting();
      else this.#orders.put(order);
      this.#wish();
      if (!this.#api.live.isLive) this.#poller.start(LIVE_FIRST_MS);
    } catch (error) {
      // Another call might have noticed first that the session is over: the order is still wanted.
      if (visit !== this.#visit && this.#signedIn) return;
      if (isOver(error)) this.#needSignIn(texts.sessionOver, () => this.place(this.#cart.items));
      else view.error = messageOf(error);
    } finally {
      this.#placing = view.busy = false;
    }
  }

  /** Fetches the next page of the list. */
  async more() {
    const {next} = this.#orders;
    if (!next || this.#loadingMore) return;
    this.#loadingMore = true;
    await this.#act(async () => {
      const page = await this.#api.orders(next);
      return () => this.#orders.append(page);
    });
    this.#loadingMore = false;
  }

  /** @param {{customer: string, id: string}} order */
  cancel({customer, id}) {
    return this.#act(async () => {
      const order = await this.#api.moveOrder(customer, id, 'cancelled');
      return () => {
        this.#orders.put(order);
        say(texts.cancelled);
      };
    });
  }

  /** @param {Item[]} items of an earlier order, added to the cart again */
  again(items) {
    for (const item of items) this.#cart.add(item, item.qty);
    say(texts.inCartAgain(this.#cart.count));
    this.#views.cart.focusNext();
  }

  /** Shows the waiting orders, sends them, and shows the remaining ones. */
  async flush() {
    const visit = this.#visit;
    this.#sendAgain = true;
    if (!this.#signedIn || this.#sending === visit) return;
    this.#sending = visit;
    while (this.#sendAgain && visit === this.#visit) {
      this.#sendAgain = false;
      await this.#send(visit);
    }
    if (this.#sending === visit) this.#sending = 0;
  }

  /** @param {number} visit whose orders to send */
  async #send(visit) {
    await this.#showWaiting();
    if (visit !== this.#visit || !this.#orders.waiting.some(({state}) => state === 'waiting')) return;
    await this.#try(async () => {
      await this.#api.flush();
      return () => {};
    });
    await this.#showWaiting();
  }

  /** @param {{id: string, items: Item[]}} order a waiting order, moved back to the cart */
  async drop({id, items}) {
    await this.#act(async () => {
      await this.#api.forget(id);
      return () => {
        this.#orders.waiting = this.#orders.waiting.filter((order) => order.id !== id);
        this.again(items);
      };
    });
  }

  async #showWaiting() {
    await this.#try(async () => {
      const before = this.#orders.waiting;
      const waiting = await this.#api.waiting();
      return () => {
        this.#orders.waiting = waiting;
        const gone = before.filter(({id}) => !waiting.some((order) => order.id === id)).length;
        if (!gone) return;
        say(texts.sentLater(gone));
        this.refresh();
      };
    });
  }

  /** Fetches the newest orders. @returns {Promise<import('./poller.js').Outcome>} */
  async #look() {
    let outcome = /** @type {import('./poller.js').Outcome} */ ('failed');
    await this.#try(async () => {
      const page = await this.#api.orders();
      return () => {
        this.#announce(() => this.#orders.replace(page));
        outcome = this.#orders.moving ? 'more' : 'done';
      };
    });
    this.#wish();
    return outcome;
  }

  /** @param {import('../api/live.js').Heard} heard */
  #hear({board, order, removed}) {
    if (board || !this.#signedIn) return;
    this.#announce(() => (removed ? this.#orders.remove(order) : this.#orders.put(order)));
    this.#wish();
  }

  /** Hears of changes as long as some can be expected. */
  #wish() {
    const {loaded, moving} = this.#orders;
    const expects = !loaded || moving || this.#placing || this.#cart.count > 0;
    this.#api.live.want('orders', this.#signedIn && expects);
    if (!this.#signedIn) return;
    if (moving) this.#poller.keep();
    else if (loaded) this.#poller.rest();
  }

  /** Announces a status that has changed. @param {() => void} change */
  #announce(change) {
    const before = new Map(this.#orders.list.map(({id, status}) => [id, status]));
    change();
    const news = this.#orders.list.find(({id, status}) => before.has(id) && before.get(id) !== status);
    if (news) say(texts.nowIs(texts.status[news.status]?.[0] ?? news.status));
  }

  /**
   * Runs a step that the customer requested. An error stays visible until their next request; reloading the list does
   * not clear it.
   * @param {() => Promise<() => void>} step
   */
  #act(step) {
    this.#orders.problem = '';
    return this.#try(step, 'problem');
  }

  /**
   * Runs a step, then the function that it returns, unless the visit has changed. Shows a failure in the list.
   * @param {() => Promise<() => void>} step
   * @param {'note' | 'problem'} [place] where
   */
  async #try(step, place = 'note') {
    const visit = this.#visit;
    try {
      const done = await step();
      if (visit === this.#visit) done();
    } catch (error) {
      if (visit !== this.#visit) return;
      if (isOver(error)) this.#sessionOver();
      else this.#orders[place] = messageOf(error);
    }
  }

  #draw() {
    const {list, waiting, next, loaded, note, problem} = this.#orders;
    const {state, at} = this.#api.live.state;
    const live = /** @type {const} */ ({state: this.#orders.moving ? state : 'off', at});
    this.#views.history.show({orders: list, waiting, more: Boolean(next), loaded, note: problem || note, live});
  }
}

/**
 * A 401 ends the visit: the customer signs in again, finds the cart unchanged, and continues.
 * @param {unknown} error
 */
const isOver = (error) => /** @type {{status?: number}} */ (error).status === 401;

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : texts.failed);
