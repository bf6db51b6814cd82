import {keyOf} from '../../lib/cart.js';
import {emit, find, html, render, setAttributes, sync} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../lib/cart.js').Item} Item */

/** The cart and its order button. Sends `onplaceorder` with `{items}`. */
export class CaffeCart extends HTMLElement {
  /** @type {Item[]} */
  #items = [];
  /** @type {Map<string, number>} */
  #prices = new Map();
  #busy = false;

  connectedCallback() {
    render(this, html`
      <h2 tabindex="-1">${texts.cart}</h2>
      <p class="empty">${texts.cartEmpty}</p>
      <div class="shopping-cart-container" role="list"></div>
      <p class="total"><span>${texts.total}</span> <strong></strong></p>
      <button id="place-order-btn-wc" class="main"></button>
      <p class="error" role="alert"></p>`);
    this.#button.addEventListener('click', () => {
      if (!this.#busy) emit(this, 'onplaceorder', {items: this.#items});
    });
    this.#draw();
  }

  /** @param {Item[]} items */
  set items(items) {
    this.#items = items;
    this.#draw();
  }

  /** @param {Map<string, number>} prices in cents by product key; a product without one shows no price */
  set prices(prices) {
    this.#prices = prices;
    this.#draw();
  }

  /** @param {boolean} busy whether an order is being sent, which blocks another one */
  set busy(busy) {
    this.#busy = busy;
    this.#draw();
  }

  /** @param {string} text why the order failed, or '' */
  set error(text) {
    find(this, '.error').textContent = text;
  }

  /** Focuses the order button, or the heading if the cart is empty. */
  focusNext() {
    (this.#items.length ? this.#button : find(this, 'h2')).focus();
  }

  /** @returns {HTMLButtonElement} */
  get #button() {
    return find(this, '#place-order-btn-wc');
  }

  #draw() {
    const focused = document.activeElement;
    const list = find(this, '.shopping-cart-container');
    const at = [...list.children].findIndex((line) => line.contains(focused));
    const empty = this.#items.length === 0;

    sync(list, this.#items, keyOf, 'caffe-cart-item', (line, item) =>
      setAttributes(line, {...item, price: this.#prices.get(keyOf(item)), editable: true, role: 'listitem'}));
    const total = this.#items.reduce((sum, item) => sum + item.qty * (this.#prices.get(keyOf(item)) ?? NaN), 0);
    find(this, '.total strong').textContent = texts.price(total);
    find(this, '.total').hidden = empty || Number.isNaN(total);
    find(this, '.empty').hidden = !empty;
    list.hidden = empty;
    this.#button.textContent = this.#busy ? texts.placing : texts.placeOrder;
    this.#button.disabled = empty;
    // Not `disabled`, which would lose the focus.
    this.#button.setAttribute('aria-disabled', String(this.#busy));
    if (focused?.isConnected && !(focused === this.#button && empty)) return;
    // The focused element is gone: focus the line in its place, or the heading.
    const line = list.children[at] ?? list.lastElementChild;
    find(line?.firstElementChild ? line : this, line?.firstElementChild ? '.cart-remove-item-btn' : 'h2').focus();
  }
}
