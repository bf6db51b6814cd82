import {emit, find, html, render} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/**
 * A menu card, from the attributes `name`, `type`, `price` (cents), `picture` (URL) and `count` (number in the cart,
 * optional). Sends `item-added` with `{name, type}`.
 */
export class CaffeMenuItem extends HTMLElement {
  static observedAttributes = ['count'];

  connectedCallback() {
    const [name, type, price, picture] =
      ['name', 'type', 'price', 'picture'].map((key) => this.getAttribute(key) ?? '');
    render(this, html`
      <div class="picture">
        <img src="${picture}" alt="" width="120" height="90"><span class="count"></span>
      </div>
      <h3>${name}</h3>
      <p class="price">${texts.price(Number(price))}</p>
      <button class="add-product-btn" aria-label="${texts.addLong(name)}">${texts.add}</button>`);
    find(this, 'button').addEventListener('click', () => emit(this, 'item-added', {name, type}));
    this.#drawCount();
  }

  attributeChangedCallback() {
    if (this.firstElementChild) this.#drawCount();
  }

  #drawCount() {
    const count = this.getAttribute('count');
    find(this, '.count').textContent = count ? texts.inCart(Number(count)) : '';
  }
}
