import {texts} from '../texts.js';
import {say} from './dom.js';
import {messageOf} from './visit.js';

/** Shows and sends the orders that wait on this device. */
export class Sending {
  #visit;
  #sending = 0; // the number of the visit whose orders are being sent, if any
  #again = false; // requested again in the meantime: the network might be back since that attempt
  #api;
  #orders;
  #visits;
  #sent;

  /**
   * @param {import('../api/client.js').ApiClient} api
   * @param {import('./orders.js').Orders} orders
   * @param {import('./visit.js').Visit} visit
   * @param {import('./ordering.js').Visits} visits
   * @param {() => void} sent is called when orders have been sent
   */
  constructor(api, orders, visit, visits, sent) {
    this.#api = api;
    this.#orders = orders;
    this.#visit = visit;
    this.#visits = visits;
    this.#sent = sent;
  }

  /** Shows the waiting orders, sends them, and shows the remaining ones. */
  async flush() {
    const {number} = this.#visit;
    this.#again = true;
    if (!this.#visit.on || this.#sending === number) return;
    this.#sending = number;
    while (this.#again && number === this.#visit.number) {
      this.#again = false;
      await this.#send(number);
    }
    if (this.#sending === number) this.#sending = 0;
  }

  /**
   * Sends an order that waits for the customer to say so, as a guest's if nobody has signed in.
   * @param {string} id
   */
  async sendKept(id) {
    this.#orders.problem = '';
    try {
      if (!this.#visit.on && !(await this.#visits.beGuest())) {
        this.#visits.needSignIn(texts.signInToOrder, () => this.sendKept(id));
        return;
      }
    } catch (error) {
      this.#orders.problem = messageOf(error);
      return;
    }
    await this.#visit.try(async () => {
      await this.#api.flush(id);
      return () => this.#sent();
    }, (why) => (this.#orders.problem = why));
    await this.show();
  }

  /** Shows the orders that wait. */
  show() {
    return this.#visit.try(async () => {
      const before = this.#orders.waiting;
      const waiting = await this.#api.waiting();
      return () => {
        this.#orders.waiting = waiting;
        const gone = before.filter(({id}) => !waiting.some((order) => order.id === id)).length;
        if (!gone) return;
        say(texts.sentLater(gone));
        this.#sent();
      };
    }, (why) => (this.#orders.note = why));
  }

  /** @param {number} number of the visit whose orders to send */
  async #send(number) {
    await this.show();
    if (number !== this.#visit.number || !this.#orders.waiting.some(({state}) => state === 'waiting')) return;
    await this.#visit.try(async () => {
      await this.#api.flush();
      return () => {};
    }, (why) => (this.#orders.note = why));
    await this.show();
  }
}
