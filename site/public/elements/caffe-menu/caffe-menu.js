import {emit, find, html, render, setAttributes, setText, sync} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../lib/menu.js').Menu} Menu */

/** The menu, as cards, and whether the café is open. */
export class CaffeMenu extends HTMLElement {
  /** @type {Map<string, number>} */
  #counts = new Map();

  connectedCallback() {
    render(this, html`
      <h2>${texts.menu}</h2>
      <p class="closed" role="status"></p>
      <p class="loading">${texts.menuLoading}</p>
      <p class="note" role="alert"></p>
      <div class="cards" role="list"></div>`);
  }

  /** @param {Menu} menu */
  show(menu) {
    setText(find(this, '.closed'), menu.closed);
    find(this, '.loading').hidden = menu.failed || menu.items !== null;
    find(this, '.note').textContent = menu.failed ? texts.menuFailed : '';
    sync(find(this, '.cards'), menu.items ?? [], ({name}) => name, 'caffe-menu-item', (card, item) =>
      setAttributes(card, {
        name: item.name,
        type: item.type,
        picture: item.picture,
        price: menu.money(item.price),
        soldout: item.soldOut ? '' : null,
        role: 'listitem',
      }));
    this.counts = this.#counts;
  }

  /** @param {Map<string, number>} counts the number of each item in the cart, by name */
  set counts(counts) {
    this.#counts = counts;
    for (const card of this.querySelectorAll('caffe-menu-item')) {
      setAttributes(card, {count: counts.get(card.getAttribute('name') ?? '')});
    }
  }
}

/**
 * A menu card, from the attributes `name`, `type`, `price` (text), `picture` (URL, optional), `soldout` and `count` (number
 * in the cart, optional). Sends `item-added` with `{name, type}`.
 */
export class CaffeMenuItem extends HTMLElement {
  static observedAttributes = ['count', 'price', 'picture', 'type', 'soldout'];

  connectedCallback() {
    const name = this.getAttribute('name') ?? '';
    render(this, html`
      <div class="picture"><img alt="" width="120" height="90" hidden><span class="count"></span></div>
      <h3>${name}</h3>
      <p class="price"></p>
      <button class="add-product-btn"></button>`);
    const button = find(this, 'button');
    button.addEventListener('click', () => {
      if (!this.#soldOut) emit(this, 'item-added', {name, type: this.getAttribute('type') ?? ''});
    });
    this.#draw();
  }

  attributeChangedCallback() {
    if (this.firstElementChild) this.#draw();
  }

  get #soldOut() {
    return this.hasAttribute('soldout');
  }

  #draw() {
    const [count, price, picture] = ['count', 'price', 'picture'].map((key) => this.getAttribute(key) ?? '');
    const name = this.getAttribute('name') ?? '';
    const image = /** @type {HTMLImageElement} */ (find(this, 'img'));
    image.hidden = !picture;
    if (picture && image.getAttribute('src') !== picture) image.src = picture;
    find(this, '.count').textContent = this.#soldOut ? texts.soldOut : count && texts.inCart(Number(count));
    find(this, '.price').textContent = price;
    const button = find(this, 'button');
    setText(button, texts.add);
    button.setAttribute('aria-label', texts.addLong(name));
    // Not `disabled`, which would lose the focus.
    button.setAttribute('aria-disabled', String(this.#soldOut));
  }
}
