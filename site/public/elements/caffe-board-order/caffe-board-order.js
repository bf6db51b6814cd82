import {emit, find, html, render, setText, sync} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../api/worker.js').Photo} Photo */
/** @typedef {import('../caffe-board/board.js').BoardOrder} Order */

/** @type {Record<string, string>} the next status of each status */
const NEXT = {created: 'accepted', accepted: 'ready', ready: 'filled'};
const CANCELLABLE = ['created', 'accepted'];
const MAKING = ['created', 'accepted']; // ready orders wait for customers, not staff

/**
 * One order on the board. Sends `move-order` with `{order, status}` and `show-photo` with `{photo, order}`.
 */
export class CaffeBoardOrder extends HTMLElement {
  /** @type {Order | undefined} */
  #order;
  /** @type {Photo[]} */
  #photos = [];
  #items = '';

  /**
   * @param {Order} order
   * @param {Photo[]} photos of the order
   * @param {{now: number, lateMinutes: number, me?: string}} state the API's time in ms, and the API's ID of the user
   */
  show(order, photos, {now, lateMinutes, me}) {
    if (order.status !== this.#order?.status) this.#draw(order);
    this.#order = order;
    this.#drawItems(order);
    this.#drawTime(order, now, lateMinutes * 60_000);
    this.#drawStaff(order, me);
    this.#drawPhotos(photos);
    // Not `disabled`, which would lose the focus.
    for (const button of this.querySelectorAll('.actions button')) {
      button.setAttribute('aria-disabled', String(order.moving));
    }
  }

  /**
   * Draws what stays the same while the status does.
   * @param {Order} order
   */
  #draw({number, status, restaurantId, pickupName}) {
    const next = NEXT[status];
    const cancellable = CANCELLABLE.includes(status);
    this.#items = '';
    render(this, html`
      <div class="head"><h3>${texts.orderName(number)}</h3>
        ${pickupName && html`<bdi class="called">${pickupName}</bdi>`} <strong class="late"></strong> <time></time></div>
      <ul class="items"></ul>
      ${restaurantId !== undefined && html`<p><bdi>${texts.restaurant(restaurantId)}</bdi></p>`}
      <p class="by"></p>
      <div class="photos" role="list" aria-label="${texts.photos}" hidden></div>
      <div class="actions">
        ${next && html`<button class="main" aria-label="${texts.moveLong(number, next)}">${texts.move[next]}</button>`}
        ${cancellable && html`<button class="quiet cancel" aria-label="${texts.moveLong(number, 'cancelled')}">${
          texts.move.cancelled}</button>`}
      </div>`);
    this.querySelector('.main')?.addEventListener('click', () => this.#move(next));
    this.querySelector('.cancel')?.addEventListener('click', () => this.#move('cancelled'));
  }

  /** @param {Order} order */
  #drawItems({items}) {
    const text = JSON.stringify(items);
    if (text === this.#items) return;
    this.#items = text;
    render(find(this, '.items'), html`${items.map(({qty, name, options = [], note}) => html`
      <li><b>${qty} ×</b> <bdi>${name}</bdi>
        ${options.map((option) => html`<mark><bdi>${option}</bdi></mark> `)}
        ${note && html`<mark class="note"><bdi>${note}</bdi></mark>`}</li>`)}`);
  }

  /**
   * @param {Order} order
   * @param {number} now
   * @param {number} limit age in ms from which it is late
   */
  #drawTime({status, _createdAt, _updatedAt}, now, limit) {
    const age = now - _createdAt;
    const late = MAKING.includes(status) && age > limit;
    const time = find(this, 'time');
    // How long ago an order ended is of no interest, but when.
    const at = status in NEXT ? _createdAt : _updatedAt ?? _createdAt;
    time.setAttribute('datetime', new Date(at).toISOString());
    setText(time, status in NEXT ? texts.age(_createdAt, age) : texts.orderFrom(at));
    setText(find(this, '.late'), late ? texts.late : '');
    this.toggleAttribute('late', late);
  }

  /**
   * Draws who moved the order last, and the final status of a finished order.
   * @param {Order} order
   * @param {string} [me]
   */
  #drawStaff({status, staff, moving, reason}, me) {
    const name = moving || (staff && staff === me) ? texts.you : staff;
    const end = status in NEXT ? '' : texts.status[status][0];
    setText(find(this, '.by'), [end, reason, name && texts.staff(name)].filter(Boolean).join(' · '));
  }

  /** @param {Photo[]} photos */
  #drawPhotos(photos) {
    this.#photos = photos;
    const list = find(this, '.photos');
    list.hidden = photos.length === 0;
    sync(list, photos, ({id}) => id, 'span', (place, {id, url}) => {
      // The URL changes each time, but the picture does not: keep the loaded one.
      if (place.firstElementChild) return;
      render(place, html`<button aria-label="${texts.enlarge}"><img src="${url}" alt=""></button>`);
      place.setAttribute('role', 'listitem');
      find(place, 'button').addEventListener('click', () =>
        emit(this, 'show-photo', {order: this.#order, photo: this.#photos.find((photo) => photo.id === id)}));
    });
  }

  /** @param {string} status */
  #move(status) {
    if (!this.#order?.moving) emit(this, 'move-order', {order: this.#order, status});
  }
}
