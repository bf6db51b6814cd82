import {explain} from '../../api/client.js';
import {askTwice} from '../../lib/ask-twice.js';
import {emit, find, html, render, say, setAttributes} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../lib/cart.js').Item} Item */

const CANCELLABLE = ['created', 'accepted'];
const UNSENT = ['waiting', 'refused', 'kept', 'held'];

/**
 * One order, from the attributes `customer`, `id`, `status`, and optionally `number`, `reason` (why it was cancelled) and
 * `created` (ms), with a
 * `caffe-cart-item editable="false"` child for each item. The API's HTML fragment has the same form: existing children
 * stay, and a header is added before them. Sends `cancel-order`, `re-order`, `send-waiting`, `send-kept` and
 * `drop-waiting` with `{customer, id, items}`.
 */
export class CaffeOrderHistoryItem extends HTMLElement {
  static observedAttributes = ['status', 'created', 'number', 'reason'];
  #head = document.createElement('header');
  #foot = document.createElement('footer');
  #itemsText = '';

  /** @type {import('../../api/client.js').ApiClient | undefined} for the order's photos */
  client;

  connectedCallback() {
    this.setAttribute('role', 'article');
    this.#draw();
    this.prepend(this.#head);
    this.append(this.#foot);
  }

  attributeChangedCallback() {
    this.#draw();
  }

  /** @param {Item[]} items */
  set items(items) {
    const text = JSON.stringify(items);
    if (text === this.#itemsText) return;
    this.#itemsText = text;
    for (const old of this.querySelectorAll('caffe-cart-item')) old.remove();
    const lines = items.map(({name, type, qty, options, note}) => {
      const line = document.createElement('caffe-cart-item');
      setAttributes(line, {name, type, qty, note, options: options && JSON.stringify(options), editable: false});
      return line;
    });
    if (this.#foot.parentNode) this.#foot.before(...lines);
    else this.append(...lines);
  }

  /** @param {import('../../api/http.js').Problem | undefined} problem why the order was refused */
  set problem(problem) {
    find(this.#head, '.hint').textContent = problem ? explain(problem) : this.#words[1];
  }

  get #status() {
    return this.getAttribute('status') ?? '';
  }

  get #name() {
    return texts.orderName(this.getAttribute('number') ?? undefined);
  }

  /** The time when it was placed, or ''. */
  get #time() {
    const created = Number(this.getAttribute('created'));
    return created ? texts.orderFrom(created) : '';
  }

  /** The status as a word and a sentence. */
  get #words() {
    return Object.hasOwn(texts.status, this.#status) ? texts.status[this.#status] : [this.#status, ''];
  }

  #draw() {
    const [word, usual] = this.#words;
    const hint = this.getAttribute('reason') ?? usual;
    render(this.#head, html`
      <h3>${this.#name} <small>${this.#time}</small></h3>
      <span class="status">${word}</span>
      <span class="steps" aria-hidden="true"><i></i><i></i><i></i><i></i></span>
      <p class="hint">${hint}</p>`);
    this.setAttribute('aria-label', `${this.#name} ${this.#time}`);
    this.#drawButtons();
  }

  #drawButtons() {
    const focused = this.#foot.contains(document.activeElement);
    const [status, name] = [this.#status, this.#name];
    const unsent = UNSENT.includes(status);
    render(this.#foot, html`
      ${status === 'waiting' && button('send-waiting', texts.sendNow, name)}
      ${status === 'kept' && button('send-kept', texts.sendNow, name)}
      ${unsent && status !== 'held' && button('drop-waiting', texts.backToCart, name)}
      ${!unsent && button('re-order', texts.again, name)}
      ${CANCELLABLE.includes(status) && button('cancel-order', texts.cancel, name)}
      ${!unsent && this.client && !this.querySelector('caffe-order-photo') && button('photo', texts.photo, name)}`);
    for (const it of this.#foot.querySelectorAll('button')) {
      const act = () => (it.value === 'photo' ? this.#showPhotos() : this.#emit(it.value));
      if (it.value === 'cancel-order') askTwice(it, texts.cancelSure, act);
      else it.addEventListener('click', act);
    }
    if (focused) this.#foot.querySelector('button')?.focus();
  }

  /** Loads photos on first use. */
  async #showPhotos() {
    try {
      const {CaffeOrderPhoto} = await import('../caffe-order-photo/caffe-order-photo.js');
      if (!customElements.get('caffe-order-photo')) customElements.define('caffe-order-photo', CaffeOrderPhoto);
      if (this.querySelector('caffe-order-photo')) return;
      const photos = new CaffeOrderPhoto();
      setAttributes(photos, {'order-id': this.getAttribute('id'), customer: this.getAttribute('customer')});
      photos.client = this.client;
      this.#foot.before(photos);
      this.#drawButtons();
      find(photos, 'input').focus();
    } catch {
      say(texts.unreachable);
    }
  }

  /** @param {string} name */
  #emit(name) {
    emit(this, name, {customer: this.getAttribute('customer'), id: this.id, items: this.#items});
  }

  /** @returns {Item[]} */
  get #items() {
    const lines = /** @type {NodeListOf<import('../caffe-cart-item/caffe-cart-item.js').CaffeCartItem>} */ (
      this.querySelectorAll('caffe-cart-item'));
    return [...lines].map((line) => ({...line.product, qty: Number(line.getAttribute('qty'))}));
  }
}

/**
 * A button with the order's number in its label.
 * @param {string} value
 * @param {string} text
 * @param {string} name of the order
 */
const button = (value, text, name) =>
  html`<button value="${value}" aria-label="${text}, ${name}">${text}</button>`;
