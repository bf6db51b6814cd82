import {keyOf} from '../../lib/cart.js';
import {emit, find, html, render, setAttributes, sync} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../lib/cart.js').Item} Item */

/** The cart and the button that orders what is in it: sends `onplaceorder` with `{items}`. */
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

  /** @param {Map<string, number>} prices cents by product key; a line without one shows none */
  set prices(prices) {
    this.#prices = prices;
    this.#draw();
  }

  /** @param {boolean} busy an order is on its way: no second one meanwhile */
  set busy(busy) {
    this.#busy = busy;
    this.#draw();
  }

  /** @param {string} text why the order did not go through, or '' */
  set error(text) {
    find(this, '.error').textContent = text;
  }

  /** Puts the focus on what comes next: to order, or to choose. */
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
    // Not `disabled`: that would throw the focus away.
    this.#button.setAttribute('aria-disabled', String(this.#busy));
    if (focused?.isConnected && !(focused === this.#button && empty)) return;
    // What had the focus is gone: the line that took its place gets it, or the heading.
    const line = list.children[at] ?? list.lastElementChild;
    find(line?.firstElementChild ? line : this, line?.firstElementChild ? '.cart-remove-item-btn' : 'h2').focus();
  }
}
