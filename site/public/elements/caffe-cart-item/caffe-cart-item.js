import {asQty, MAX_QTY} from '../../lib/cart.js';
import {emit, find, html, render} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/**
 * One line of a cart or of an order, from the attributes `name`, `type`, `qty`, `price` (unit price in
 * cents, optional) and `editable` ("false": read-only). Sends `qty-changed` with `{name, type, qty}` and `remove-item`
 * with `{name, type}`; the listener sets the attributes.
 */
export class CaffeCartItem extends HTMLElement {
  static observedAttributes = ['name', 'type', 'qty', 'price', 'editable'];

  connectedCallback() {
    this.#draw();
  }

  /** @param {string} attribute */
  attributeChangedCallback(attribute) {
    if (!this.firstElementChild) return;
    // Update only the numbers: a full redraw would lose the field's focus.
    if (attribute === 'qty' || attribute === 'price') this.#update();
    else this.#draw();
  }

  get #product() {
    return {name: this.getAttribute('name') ?? '', type: this.getAttribute('type') ?? ''};
  }

  get #qty() {
    return asQty(this.getAttribute('qty'));
  }

  #draw() {
    const {name, type} = this.#product;
    if (this.getAttribute('editable') === 'false') {
      render(this, html`<span class="qty"></span> <span class="name">${name}</span> <span class="type">${type}</span>`);
    } else {
      render(this, html`
        <span class="name">${name}</span>
        <span class="price"></span>
        <span class="stepper">
          <button data-step="-1" aria-label="${texts.less(name)}">−</button>
          <input class="cart-item-qty" type="number" min="1" max="${MAX_QTY}" inputmode="numeric"
            autocomplete="off" aria-label="${texts.quantity(name)}">
          <button data-step="1" aria-label="${texts.more(name)}">+</button>
        </span>
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
    for (const button of this.querySelectorAll('button')) {
      const step = Number(button.dataset.step);
      button.addEventListener('click', () => {
        if (step) this.#change(asQty(this.#qty + step));
        else emit(this, 'remove-item', this.#product);
      });
    }
  }

  /** @param {number} qty */
  #change(qty) {
    if (qty !== this.#qty) emit(this, 'qty-changed', {...this.#product, qty});
  }

  #update() {
    const qty = this.#qty;
    const input = this.querySelector('input');
    if (input) {
      const price = Number(this.getAttribute('price'));
      if (Number(input.value) !== qty) input.value = String(qty);
      find(this, '.price').textContent = price ? texts.price(price * qty) : '';
    } else {
      find(this, '.qty').textContent = `${qty} ×`;
    }
  }
}
