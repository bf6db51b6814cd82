import {emit} from '../../lib/emit.js';
import {html, render} from '../../lib/html.js';
import {texts} from '../../texts.js';

/**
 * A card of the menu, from the attributes `name`, `type`, `price` (cents) and `picture`.
 * Sends `item-added` with `{name, type}`.
 */
export class CaffeMenuItem extends HTMLElement {
  connectedCallback() {
    const [name, type, price, picture] =
      ['name', 'type', 'price', 'picture'].map((key) => this.getAttribute(key));
    render(this, html`
      <div class="picture"><img src="${picture}" alt="" width="120" height="90"></div>
      <h3>${name}</h3>
      <p class="price">${texts.price(price)}</p>
      <button class="add-product-btn" aria-label="${texts.addLong(name)}">${texts.add}</button>`);
    this.querySelector('button').addEventListener('click', () => emit(this, 'item-added', {name, type}));
  }
}
