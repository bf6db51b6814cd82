/** @typedef {import('../api/client.js').ApiClient} ApiClient */
/** @typedef {import('./cart.js').Item} Item */
import {texts} from '../texts.js';
import {say} from './dom.js';
import {EVEN_HIDDEN} from './listening.js';
import {Orders} from './orders.js';
import {LIVE_FIRST_MS, Poller} from './poller.js';
import {Sending} from './sending.js';
import {allowSound} from './sound.js';
import {isOver, messageOf, Visit} from './visit.js';
import {want, wanted} from './wanted.js';
import {Waits} from './waits.js';

/**
 * How a visit begins and ends. `needSignIn` ends it and goes to the sign-in, and `then` runs after that, unless a guest can go on; `sessionOver` ends it
 * when no action is pending; `beGuest` begins one without an account, and resolves to false if the café takes no guests;
 * `keep` lets a reload of the page look for orders that are not sent yet.
 * @typedef {{needSignIn: (why: string, then: () => void) => boolean, sessionOver: () => void,
 *   beGuest: () => Promise<boolean>, keep: () => void}} Visits
 */

/** A customer's actions on orders: connects the elements, the list of orders and the API. */
export class Ordering {
  #orders = new Orders();
  #poller;
  #visit;
  #sending;
  #placing = false;
  #loadingMore = false;
  #api;
  #waits;
  #cart;
  #menu;
  #views;
  #visits;

  /**
   * @param {ApiClient} api
   * @param {import('./cart.js').Cart} cart
   * @param {import('./menu.js').Menu} menu
   * @param {import('../app.js').Views} views
   * @param {Visits} visits
   */
  constructor(api, cart, menu, views, visits) {
    this.#api = api;
    this.#cart = cart;
    this.#menu = menu;
    this.#views = views;
    this.#visits = visits;
    this.#visit = new Visit(visits.sessionOver);
    this.#sending = new Sending(api, this.#orders, this.#visit, visits, () => this.refresh());
    this.#poller = new Poller(() => this.#look(), api.live);
    this.#waits = new Waits(api, () => this.#orders.list, () => this.#draw());
    api.live.addEventListener('heard', (event) => this.#hear(/** @type {CustomEvent} */ (event).detail));
    api.live.addEventListener('state', () => this.#draw());
    views.history.client = api;
    this.#orders.watch(() => this.#draw());
    addEventListener('online', () => this.refresh());
  }

  /** After a sign-in: shows the user's orders and sends the waiting ones. */
  begin() {
    this.#visit.begin();
    this.#views.history.hidden = false;
    this.#draw();
    // Hear first and ask then, so that one request is enough.
    this.#api.live.want('visit', true);
    this.#poller.start(LIVE_FIRST_MS);
    this.flush();
  }

  /** After the end of a session: hides and clears the orders, except those that are not sent yet. */
  end() {
    this.#visit.end();
    this.#poller.stop();
    this.#api.live.want('visit', false);
    this.#api.live.want(EVEN_HIDDEN, false);
    this.#orders.clear();
    this.#waits.stop();
    this.#views.history.hidden = true;
  }

  /** Shows orders that wait on this device for the customer to send them. */
  async showKept() {
    if (!this.#visit.on) await this.#sending.show();
    this.#views.history.hidden = !this.#visit.on && this.#orders.waiting.length === 0;
  }

  /** The number of orders that would be lost if private data were deleted now. */
  get unsent() {
    return this.#orders.waiting.length;
  }

  /** Reloads the orders now. */
  refresh() {
    this.#orders.problem = '';
    if (this.#visit.on) this.#poller.start(0);
  }

  /**
   * @param {Item[]} items from the cart
   * @param {string} [pickupName]
   */
  async place(items, pickupName) {
    const {cart: view} = this.#views;
    if (this.#placing || items.length === 0) return;
    view.error = '';
    this.#placing = view.busy = true;
    allowSound();
    let {number} = this.#visit;
    const id = this.#cart.orderId; // of these items: the cart can change meanwhile
    want(null);
    try {
      await this.#menu.beforeOrder();
      const problem = this.#menu.closed || (items.some((it) => this.#menu.problem(it)) ? texts.cartProblem : '');
      view.error = problem;
      if (problem) return;
      const order = {id, items, ...(pickupName && {pickupName})};
      if (!this.#visit.on && !(await this.#enter(order))) return;
      ({number} = this.#visit);
      const placed = await this.#api.placeOrder(order);
      this.#cart.take(items);
      const waits = placed.status === 'waiting';
      say(waits ? texts.orderWaits : texts.placed);
      if (number !== this.#visit.number) return;
      if (waits) {
        await this.#sending.show();
        this.#visits.keep();
      } else {
        this.#orders.put(placed);
        this.#views.waiting.focusNumber();
      }
      this.#wish();
      this.#waits.start();
      if (!this.#api.live.isLive) this.#poller.start(LIVE_FIRST_MS);
    } catch (error) {
      // Another call might have noticed first that the session is over: the order is still wanted.
      if (number !== this.#visit.number && this.#visit.on) return;
      if (isOver(error)) this.#promise({id, pickupName}, texts.signInAgainToOrder);
      else view.error = messageOf(error);
    } finally {
      this.#placing = view.busy = false;
    }
  }

  /**
   * Begins a visit for an order. Without a network, the order is kept until the guest sends it.
   * @param {import('../api/orders.js').NewOrder & {id: string}} order
   * @returns {Promise<boolean>} whether the order can be sent now
   */
  async #enter(order) {
    try {
      if (await this.#visits.beGuest()) return true;
      this.#promise(order, texts.signInToOrder);
    } catch (error) {
      if (/** @type {{status?: number}} */ (error).status !== 0) throw error;
      await this.#api.keepOrder(order).catch(() => {
        throw error;
      });
      this.#cart.take(order.items);
      say(texts.orderKept);
      await this.showKept();
    }
    return false;
  }

  /**
   * Promises to place an order after the sign-in.
   * @param {import('./wanted.js').Wanted} order
   * @param {string} why to sign in
   */
  #promise({id, pickupName}, why) {
    want({id, pickupName});
    if (!this.#visits.needSignIn(why, () => this.wanted?.())) want(null);
  }

  /** Places the order that was promised, if the cart is still the same. @returns {(() => void) | undefined} */
  get wanted() {
    const order = wanted();
    const {items, orderId} = this.#cart;
    if (order && order.id === orderId && items.length) return () => this.place(this.#cart.items, order.pickupName);
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

  /** Sends an order that waits for the customer to say so. @param {string} id */
  sendKept(id) {
    return this.#sending.sendKept(id);
  }

  /** Sends the waiting orders. */
  flush() {
    return this.#sending.flush();
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

  /** Fetches the newest orders. @returns {Promise<import('./poller.js').Outcome>} */
  async #look() {
    let outcome = /** @type {import('./poller.js').Outcome} */ ('failed');
    await this.#visit.try(async () => {
      const page = await this.#api.orders();
      return () => {
        this.#announce(() => this.#orders.replace(page));
        outcome = this.#orders.moving ? 'more' : 'done';
        this.#waits.start();
      };
    }, (why) => (this.#orders.note = why));
    this.#wish();
    return outcome;
  }

  /** @param {import('../api/live.js').Heard} heard */
  #hear({board, order, removed}) {
    if (board || !this.#visit.on) return;
    this.#announce(() => (removed ? this.#orders.remove(order) : this.#orders.put(order)));
    this.#waits.start();
    this.#wish();
  }

  /** Asks and hears as long as changes of orders can be expected: also while nobody looks, until they are ready. */
  #wish() {
    const {loaded, moving} = this.#orders;
    this.#api.live.want(EVEN_HIDDEN, this.#visit.on && moving);
    if (!this.#visit.on) return;
    if (moving) this.#poller.keep();
    else if (loaded) this.#poller.rest();
  }

  /** Announces a status that has changed. @param {() => void} change */
  #announce(change) {
    const before = new Map(this.#orders.list.map(({id, status}) => [id, status]));
    change();
    const news = this.#orders.list.find(({id, status}) => before.has(id) && before.get(id) !== status);
    if (news) say(texts.nowIs(news.number, news.status, news.reason));
  }

  /**
   * Runs a step that the customer requested. An error stays visible until their next request; reloading the list does
   * not clear it.
   * @param {() => Promise<() => void>} step
   */
  #act(step) {
    this.#orders.problem = '';
    return this.#visit.try(step, (why) => (this.#orders.problem = why));
  }

  #draw() {
    const {list, waiting, next, loaded, note, problem} = this.#orders;
    const {state, at} = this.#api.live.state;
    const live = /** @type {const} */ ({state: this.#orders.moving ? state : 'off', at});
    this.#views.history.show({orders: list, waiting, more: Boolean(next), loaded, note: problem || note, live});
    this.#views.waiting.show(list, this.#waits.found);
  }
}
