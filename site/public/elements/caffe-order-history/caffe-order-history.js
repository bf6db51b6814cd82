import {emit} from '../../lib/emit.js';
import {html, render} from '../../lib/html.js';
import {setAttributes, sync} from '../../lib/sync.js';
import {texts} from '../../texts.js';

/** The orders so far. Sends `refresh-orders` when somebody wants to know now. */
export class CaffeOrderHistory extends HTMLElement {
  connectedCallback() {
    render(this, html`
      <h2 tabindex="-1">${texts.orders}</h2>
      <button class="quiet refresh">${texts.refresh}</button>
      <p class="error" role="alert"></p>
      <p class="empty">${texts.ordersEmpty}</p>
      <div class="orders"></div>`);
    this.querySelector('.refresh').addEventListener('click', () => emit(this, 'refresh-orders'));
  }

  /** @param {import('../../api/client.js').Order[]} orders newest first */
  set orders(orders) {
    this.querySelector('.empty').hidden = orders.length > 0;
    sync(this.querySelector('.orders'), orders, ({customer, id}) => `${customer}/${id}`, 'caffe-order-history-item',
      (element, {customer, id, status, items, _createdAt}) => {
        setAttributes(element, {customer, id, status, created: _createdAt});
        element.items = items;
      });
  }

  /** @param {string} text why the list may be out of date, or '' */
  set note(text) {
    const region = this.querySelector('.error');
    if (region.textContent !== text) region.textContent = text; // the same again is not worth reading out
  }
}
