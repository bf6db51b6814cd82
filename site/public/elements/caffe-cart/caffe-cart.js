import {keyOf} from '../../lib/cart.js';
import {emit} from '../../lib/emit.js';
import {html, render} from '../../lib/html.js';
import {setAttributes, sync} from '../../lib/sync.js';
import {texts} from '../../texts.js';

/** The cart and the button that orders what is in it: sends `onplaceorder` with `{items}`. */
export class CaffeCart extends HTMLElement {
  #items = [];
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

  /** @param {import('../../lib/cart.js').Item[]} items */
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
    this.querySelector('.error').textContent = text;
  }

  /** Puts the focus on what comes next: to order, or to choose. */
  focusNext() {
    (this.#items.length ? this.#button : this.querySelector('h2')).focus();
  }

  get #button() {
    return this.querySelector('#place-order-btn-wc');
  }

  #draw() {
    const focused = document.activeElement;
    const list = this.querySelector('.shopping-cart-container');
    const at = [...list.children].findIndex((line) => line.contains(focused));
    const empty = this.#items.length === 0;

    sync(list, this.#items, keyOf, 'caffe-cart-item', (line, item) =>
      setAttributes(line, {...item, price: this.#prices.get(keyOf(item)), editable: true, role: 'listitem'}));
    const total = this.#items.reduce((sum, item) => sum + item.qty * this.#prices.get(keyOf(item)), 0);
    this.querySelector('.total strong').textContent = texts.price(total);
    this.querySelector('.total').hidden = empty || Number.isNaN(total);
    this.querySelector('.empty').hidden = !empty;
    list.hidden = empty;
    this.#button.textContent = this.#busy ? texts.placing : texts.placeOrder;
    this.#button.disabled = empty;
    // Not `disabled`: that would throw the focus away.
    this.#button.setAttribute('aria-disabled', this.#busy);
    if (focused.isConnected && !focused.disabled) return;
    // What had the focus is gone: the line that took its place gets it, or the heading.
    const line = list.children[at] ?? list.lastElementChild;
    (line?.querySelector('.cart-remove-item-btn') ?? this.querySelector('h2')).focus();
  }
}
