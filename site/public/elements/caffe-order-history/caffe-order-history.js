import {emit, find, html, render, setAttributes, setText, showLive, sync} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../api/client.js').Order} Order */
/** @typedef {import('../../api/client.js').WaitingOrder} WaitingOrder */
/** @typedef {import('../caffe-order-history-item/caffe-order-history-item.js').CaffeOrderHistoryItem} Entry */
/**
 * The data to show. `waiting`: orders not sent yet or refused; `loaded`: whether the list was loaded at least once;
 * `more`: whether there are older orders; `note`: what failed, or why the list might be out of date; `live`: whether changes show by themselves.
 * @typedef {{orders: Order[], waiting: WaitingOrder[], loaded: boolean, more: boolean, note: string,
 *   live: import('../../api/live.js').State}} State
 */

/**
 * The user's orders; unsent ones come first. Sends `refresh-orders` to reload the list and `more-orders` to load older
 * orders.
 */
export class CaffeOrderHistory extends HTMLElement {
  /** @type {import('../../api/client.js').ApiClient | undefined} for the orders' photos */
  client;

  connectedCallback() {
    render(this, html`
      <h2 tabindex="-1">${texts.orders}</h2>
      <button class="quiet refresh">${texts.refresh}</button>
      <p class="live" role="status"></p>
      <p class="error" role="alert"></p>
      <p class="loading">${texts.ordersLoading}</p>
      <p class="empty">${texts.ordersEmpty}</p>
      <div class="orders"></div>
      <button class="more">${texts.moreOrders}</button>`);
    find(this, '.refresh').addEventListener('click', () => emit(this, 'refresh-orders'));
    find(this, '.more').addEventListener('click', () => emit(this, 'more-orders'));
  }

  /** @param {State} state */
  show({orders, waiting, loaded, more, note, live}) {
    const unsent = waiting.map((order) => ({...order, status: order.state, _createdAt: order.placedAt}));
    const sent = orders.filter(({id, customer}) => !waiting.some((order) => order.id === id && order.customer === customer));
    const all = [...unsent, ...sent];
    find(this, '.loading').hidden = loaded || all.length > 0;
    find(this, '.empty').hidden = !loaded || all.length > 0;
    sync(find(this, '.orders'), all, ({customer, id}) => `${customer}/${id}`, 'caffe-order-history-item',
      (element, order) => {
        const entry = /** @type {Entry} */ (element);
        const {customer, id, status, items, _createdAt} = order;
        const {number, reason} = /** @type {Partial<Order>} */ (order);
        setAttributes(entry, {customer, id, status, number, reason, created: _createdAt});
        // Guests have no photos.
        Object.assign(entry, {client: customer.startsWith('guest-') ? undefined : this.client, items});
        if ('problem' in order) entry.problem = order.problem;
      });
    this.#offerMore(more);
    setText(find(this, '.error'), note);
    showLive(this, live);
  }

  /** @param {boolean} more */
  #offerMore(more) {
    const button = find(this, '.more');
    // The focused button is about to be hidden: focus the last order.
    if (!more && document.activeElement === button) find(this, '.orders > :last-child button').focus();
    button.hidden = !more;
  }
}
