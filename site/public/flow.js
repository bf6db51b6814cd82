import {ApiClient} from './api/client.js';
import {say} from './lib/message.js';
import {Orders} from './lib/orders.js';
import {Poller} from './lib/poller.js';
import {Session} from './lib/session.js';
import {texts} from './texts.js';

/**
 * What happens when the customer signs in or orders: the steps between the elements, the stores and the API. Who only
 * looks at the menu does not need it, so the page loads it when it is first used.
 */
export class Flow {
  #api = new ApiClient();
  #session = new Session();
  #orders = new Orders();
  #poller = new Poller(() => this.#load());
  #visit = 0; // counts sign-ins and sign-outs: an answer that belongs to an earlier one is dropped
  #ordering = false;
  #cart;
  #cartView;
  #signInView;

  /**
   * @param {import('./lib/cart.js').Cart} cart
   * @param {Record<'account' | 'cart' | 'sign-in' | 'order-history', HTMLElement>} views the elements by name
   */
  constructor(cart, views) {
    const {account, cart: cartView, 'sign-in': signInView, 'order-history': history} = views;
    this.#cart = cart;
    this.#cartView = cartView;
    this.#signInView = signInView;
    this.#session.watch(() => {
      const {username} = this.#session;
      account.username = username;
      signInView.hidden = Boolean(username);
      history.hidden = !username;
    });
    this.#orders.watch(() => {
      history.orders = this.#orders.list;
      history.note = this.#orders.note;
    });
  }

  /** @param {{username: string, password: string}} credentials */
  async signIn({username, password}) {
    this.#signInView.busy = true;
    try {
      await this.#api.signIn(username, password);
    } catch (error) {
      this.#signInView.fail(error.message);
      return;
    } finally {
      this.#signInView.busy = false;
    }
    this.#visit += 1;
    this.#session.username = username;
    this.#signInView.reset();
    this.#cartView.focusNext(); // the form, and the focus with it, is gone
    say(texts.signedIn(username));
    this.refresh();
  }

  signOut() {
    this.#end();
    this.#signInView.reset();
    say(texts.signedOut);
  }

  /** Looks for news of the orders now. */
  refresh() {
    this.#poller.start(0);
  }

  /** @param {import('./lib/cart.js').Item[]} items */
  async placeOrder(items) {
    if (this.#ordering || items.length === 0) return;
    this.#cartView.error = '';
    if (!this.#session.username) {
      this.#signInView.ask(texts.signInToOrder);
      return;
    }
    const visit = this.#visit;
    this.#ordering = this.#cartView.busy = true;
    try {
      const order = await this.#api.placeOrder({id: this.#cart.orderId, items});
      this.#cart.take(items);
      say(texts.placed);
      if (visit !== this.#visit) return;
      this.#orders.add(order);
      this.#poller.start();
    } catch (error) {
      if (visit === this.#visit && !this.#over(error)) this.#cartView.error = error.message;
    } finally {
      this.#ordering = this.#cartView.busy = false;
    }
  }

  /** Fetches the orders. @returns {Promise<boolean>} whether to look again soon */
  async #load() {
    const visit = this.#visit;
    try {
      const list = await this.#api.orders();
      if (visit !== this.#visit) return false;
      const before = new Map(this.#orders.list.map(({id, status}) => [id, status]));
      this.#orders.replace(list);
      const news = list.find(({id, status}) => before.has(id) && before.get(id) !== status);
      if (news) say(texts.nowIs(texts.status[news.status]?.[0] ?? news.status));
    } catch (error) {
      if (visit !== this.#visit || this.#over(error)) return false;
      this.#orders.note = error.message;
    }
    return this.#orders.moving;
  }

  /** A 401 ends the visit: the customer signs in again and finds the cart as it was. */
  #over(error) {
    if (error.status !== 401) return false;
    this.#end();
    this.#signInView.ask(texts.sessionOver);
    return true;
  }

  #end() {
    this.#visit += 1;
    this.#poller.stop();
    this.#api.signOut();
    this.#session.username = '';
    this.#orders.clear();
  }
}
