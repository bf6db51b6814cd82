import {keyOf} from '../../lib/cart.js';
import {emit, find, html, render, setAttributes, setText, sync} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../lib/cart.js').Item} Item */
/** @typedef {import('../../lib/menu.js').Menu} Menu */

const NAME = 'caffe-name';

/**
 * The cart and its order button. Sends `onplaceorder` with `{items, pickupName}`. With the attribute `guest`, it asks for
 * a name.
 */
export class CaffeCart extends HTMLElement {
  /** @type {Item[]} */
  #items = [];
  /** @type {Menu | undefined} */
  #menu;
  #busy = false;

  connectedCallback() {
    render(this, html`
      <h2 tabindex="-1">${texts.cart}</h2>
      <p class="empty">${texts.cartEmpty}</p>
      <div class="shopping-cart-container" role="list"></div>
      <p class="total"><span>${texts.total}</span> <strong></strong></p>
      <label class="called">${texts.pickupName}
        <input name="pickupName" maxlength="40" autocomplete="given-name" enterkeyhint="done"></label>
      <p class="problem"></p>
      <button id="place-order-btn-wc" class="main"></button>
      <p class="error" role="alert"></p>`);
    this.#name.value = keptName();
    this.#button.addEventListener('click', () => this.#place());
    this.#name.addEventListener('keydown', ({key}) => {
      if (key === 'Enter') this.#place();
    });
    this.#draw();
  }

  /** @param {Item[]} items */
  set items(items) {
    this.#items = items;
    this.#draw();
  }

  /** @param {Menu} menu with the prices; what is not on it has none */
  set menu(menu) {
    this.#menu = menu;
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
    const problem = find(this, ':scope > .problem');
    problem.hidden = text === problem.textContent; // not twice
  }

  /** Forgets the name of the last order. */
  forgetName() {
    this.#name.value = '';
    keepName('');
  }

  /** Focuses the order button, or the heading if the cart is empty. */
  focusNext() {
    (this.#items.length ? this.#button : find(this, 'h2')).focus();
  }

  /** @returns {HTMLButtonElement} */
  get #button() {
    return find(this, '#place-order-btn-wc');
  }

  /** @returns {HTMLInputElement} */
  get #name() {
    return find(this, '[name="pickupName"]');
  }

  #place() {
    if (this.#busy || this.#items.length === 0) return;
    const pickupName = this.#name.value.trim();
    this.error = '';
    if (!pickupName && this.hasAttribute('guest')) {
      this.error = texts.nameMissing;
      this.#name.focus();
      return;
    }
    keepName(pickupName);
    emit(this, 'onplaceorder', {items: this.#items, pickupName});
  }

  #draw() {
    const focused = document.activeElement;
    const list = find(this, '.shopping-cart-container');
    const at = [...list.children].findIndex((line) => line.contains(focused));
    const empty = this.#items.length === 0;
    const problems = this.#items.map((item) => this.#menu?.problem(item) ?? '');

    sync(list, this.#items, keyOf, 'caffe-cart-item', (line, item) => setAttributes(line, this.#line(item)));
    const total = this.#items.reduce((sum, item) => sum + item.qty * (this.#menu?.price(item) ?? NaN), 0);
    find(this, '.total strong').textContent = this.#menu?.money(total) ?? '';
    find(this, '.total').hidden = empty || Number.isNaN(total);
    find(this, '.called').hidden = empty;
    find(this, '.empty').hidden = !empty;
    find(this, ':scope > .problem').textContent = empty ? '' :
      this.#menu?.closed || (problems.some(Boolean) ? texts.cartProblem : '');
    list.hidden = empty;
    setText(this.#button, this.#busy ? texts.placing : texts.placeOrder);
    this.#button.disabled = empty;
    // Not `disabled`, which would lose the focus.
    this.#button.setAttribute('aria-disabled', String(this.#busy));
    if (focused?.isConnected && !(focused === this.#button && empty)) return;
    // The focused element is gone: focus the line in its place, or the heading.
    const line = list.children[at] ?? list.lastElementChild;
    find(line?.firstElementChild ? line : this, line?.firstElementChild ? '.cart-remove-item-btn' : 'h2').focus();
  }

  /** @param {Item} item */
  #line(item) {
    const price = this.#menu?.price(item);
    return {
      name: item.name,
      type: item.type,
      qty: item.qty,
      options: item.options ? JSON.stringify(item.options) : null,
      note: item.note,
      price: price === undefined ? null : this.#menu?.money(price * item.qty),
      problem: this.#menu?.problem(item) || null,
      editable: true,
      role: 'listitem',
    };
  }
}

/** The name of the last order on this device, or ''. */
function keptName() {
  try {
    return localStorage.getItem(NAME) ?? '';
  } catch {
    return ''; // storage is blocked
  }
}

/** @param {string} name */
function keepName(name) {
  try {
    localStorage.setItem(NAME, name);
  } catch {
    // As above.
  }
}
