import {html, render} from '../../lib/html.js';
import {setAttributes} from '../../lib/sync.js';
import {texts} from '../../texts.js';

/**
 * One order, from the attributes `customer`, `id`, `status` and `created` (ms, optional), with a
 * `caffe-cart-item editable="false"` child for each item. The API's own HTML fragment has the same form: the children
 * that are there stay, and a head is put before them.
 */
export class CaffeOrderHistoryItem extends HTMLElement {
  static observedAttributes = ['status', 'created'];
  #head = document.createElement('header');
  #items = '';

  connectedCallback() {
    this.setAttribute('role', 'article');
    this.#draw();
    this.prepend(this.#head);
  }

  attributeChangedCallback() {
    this.#draw();
  }

  /** @param {import('../../lib/cart.js').Item[]} items */
  set items(items) {
    const text = JSON.stringify(items);
    if (text === this.#items) return;
    this.#items = text;
    for (const old of this.querySelectorAll('caffe-cart-item')) old.remove();
    this.append(...items.map(({name, type, qty}) => {
      const line = document.createElement('caffe-cart-item');
      setAttributes(line, {name, type, qty, editable: false});
      return line;
    }));
  }

  #draw() {
    const status = this.getAttribute('status') ?? '';
    const created = Number(this.getAttribute('created'));
    const [word, hint] = Object.hasOwn(texts.status, status) ? texts.status[status] : [status, ''];
    render(this.#head, html`
      <h3>${created ? texts.orderFrom(created) : texts.order}</h3>
      <span class="status">${word}</span>
      <span class="steps" aria-hidden="true"><i></i><i></i><i></i><i></i></span>
      <p>${hint}</p>`);
  }
}
