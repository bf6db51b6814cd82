import {asQty, MAX_QTY} from '../../lib/cart.js';
import {emit, find, html, render} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../lib/cart.js').Product} Product */

/**
 * One line of a cart or of an order, from the attributes `name`, `type`, `qty`, `options` (JSON list of names, optional),
 * `note` (optional), `price` (text, optional), `problem` (why it cannot be ordered, optional) and `editable` ("false":
 * read-only). Sends `qty-changed` with `{qty}`, `remove-item` and `change-item`, each with the product; the listener sets
 * the attributes.
 */
export class CaffeCartItem extends HTMLElement {
  static observedAttributes = ['name', 'type', 'qty', 'price', 'problem', 'editable', 'options', 'note'];

  connectedCallback() {
    this.#draw();
  }

  /** @param {string} attribute */
  attributeChangedCallback(attribute) {
    if (!this.firstElementChild) return;
    // Update only what changes: a full redraw would lose the field's focus.
    if (['qty', 'price', 'problem'].includes(attribute)) this.#update();
    else this.#draw();
  }

  /** @returns {Product} */
  get product() {
    const text = (/** @type {string} */ name) => this.getAttribute(name) ?? '';
    return {name: text('name'), type: text('type'), options: optionsOf(this), note: text('note')};
  }

  get #qty() {
    return asQty(this.getAttribute('qty'));
  }

  #draw() {
    const {name, options = [], note} = this.product;
    const details = html`
      ${options.length > 0 && html`<span class="options">${options.join(', ')}</span>`}
      ${note && html`<span class="note">“${note}”</span>`}`;
    if (this.getAttribute('editable') === 'false') {
      render(this, html`<span class="qty"></span> <span class="name">${name}</span> ${details}`);
    } else {
      render(this, html`
        <span class="name">${name}</span>
        <span class="price"></span>
        ${details}
        <span class="problem"></span>
        <span class="stepper">
          <button data-step="-1" aria-label="${texts.less(name)}">−</button>
          <input class="cart-item-qty" type="number" min="1" max="${MAX_QTY}" inputmode="numeric"
            autocomplete="off" aria-label="${texts.quantity(name)}">
          <button data-step="1" aria-label="${texts.more(name)}">+</button>
        </span>
        <button class="change quiet" aria-label="${texts.changeLong(name)}">${texts.change}</button>
        <button class="cart-remove-item-btn" aria-label="${texts.remove(name)}">×</button>`);
      this.#listen(find(this, 'input'));
    }
    this.#update();
  }

  /** @param {HTMLInputElement} input */
  #listen(input) {
    input.addEventListener('input', () => {
      if (input.value && input.validity.valid) this.#change(input.valueAsNumber);
    });
    // On leaving the field, replace an invalid quantity with the nearest valid one, or an empty one with the last.
    input.addEventListener('change', () => {
      this.#change(input.value ? asQty(input.value) : this.#qty);
      this.#update();
    });
    find(this, '.change').addEventListener('click', () => emit(this, 'change-item', this.product));
    find(this, '.cart-remove-item-btn').addEventListener('click', () => this.#remove());
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll('[data-step]'))) {
      button.addEventListener('click', () => {
        const qty = this.#qty + Number(button.dataset.step);
        if (qty < 1) this.#remove();
        else this.#change(asQty(qty));
      });
    }
  }

  #remove() {
    emit(this, 'remove-item', this.product);
  }

  /** @param {number} qty */
  #change(qty) {
    if (qty !== this.#qty) emit(this, 'qty-changed', {...this.product, qty});
  }

  #update() {
    const qty = this.#qty;
    const input = this.querySelector('input');
    if (input) {
      if (Number(input.value) !== qty) input.value = String(qty);
      find(this, '.price').textContent = this.getAttribute('price') ?? '';
      find(this, '.problem').textContent = this.getAttribute('problem') ?? '';
    } else {
      find(this, '.qty').textContent = `${qty} ×`;
    }
  }
}

/**
 * The options in an element's attribute, which others may have written.
 * @param {Element} element
 * @returns {string[]}
 */
function optionsOf(element) {
  try {
    const options = JSON.parse(element.getAttribute('options') ?? '[]');
    return Array.isArray(options) ? options.map(String) : [];
  } catch {
    return [];
  }
}
