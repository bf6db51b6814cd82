import {keyOf} from '../../lib/cart.js';
import {html, render, setAttributes} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** @typedef {{name: string, type: string, price: number, picture: string}} MenuItem price in cents */

/** The menu, as cards. */
export class CaffeMenu extends HTMLElement {
  /** @type {Map<string, number>} */
  #counts = new Map();

  connectedCallback() {
    render(this, html`<h2>${texts.menu}</h2><p class="loading">${texts.menuLoading}</p>`);
  }

  /** @param {MenuItem[]} items */
  set items(items) {
    render(this, html`<h2>${texts.menu}</h2>
      <div class="cards" role="list">${items.map(({name, type, price, picture}) => html`
        <caffe-menu-item role="listitem" name="${name}" type="${type}" price="${price}" picture="${picture}">
        </caffe-menu-item>`)}
      </div>`);
    this.counts = this.#counts;
  }

  /** @param {Map<string, number>} counts the number of each product in the cart, by product key */
  set counts(counts) {
    this.#counts = counts;
    for (const card of this.querySelectorAll('caffe-menu-item')) {
      const product = {name: card.getAttribute('name') ?? '', type: card.getAttribute('type') ?? ''};
      setAttributes(card, {count: counts.get(keyOf(product))});
    }
  }

  /** @param {string} text shown if the menu cannot be loaded */
  set note(text) {
    render(this, html`<h2>${texts.menu}</h2><p class="note" role="alert">${text}</p>`);
  }
}
