import {askTwice} from '../../lib/ask-twice.js';
import {emit, find, html, render, sync} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../api/worker.js').Photo} Photo */
/** @typedef {import('../caffe-board/board.js').BoardOrder} Order */

/** @type {Record<string, string>} the next status of each status */
const NEXT = {created: 'accepted', accepted: 'ready', ready: 'filled'};
const CANCELLABLE = ['created', 'accepted'];
const LATE_MS = 10 * 60_000; // after ten minutes, customers come and ask
const MAKING = ['created', 'accepted']; // ready orders wait for customers, not staff

/**
 * One order on the board. Sends `move-order` with `{order, status}` and `show-photo` with `{photo, order}`. An order in
 * a new column gets a new element.
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
   * @param {number} now the API's time in ms
   * @param {string} [me] the API's ID of the user
   */
  show(order, photos, now, me) {
    this.#order = order;
    if (!this.firstElementChild) this.#draw(order);
    this.#drawItems(order);
    this.#drawTime(order, now);
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
  #draw({id, status, restaurantId}) {
    const next = NEXT[status];
    const cancellable = CANCELLABLE.includes(status);
    render(this, html`
      <div class="head"><h3>${texts.orderName(id)}</h3> <strong class="late"></strong> <time></time></div>
      <ul class="items"></ul>
      ${restaurantId !== undefined && html`<p><bdi>${texts.restaurant(restaurantId)}</bdi></p>`}
      <p class="by"></p>
      <div class="photos" role="list" aria-label="${texts.photos}" hidden></div>
      <div class="actions">
        ${next && html`<button class="main" aria-label="${texts.moveLong(id, next)}">${texts.move[next]}</button>`}
        ${cancellable && html`<button class="quiet cancel" aria-label="${texts.moveLong(id, 'cancelled')}">${
          texts.move.cancelled}</button>`}
      </div>`);
    this.querySelector('.main')?.addEventListener('click', () => this.#move(next));
    const cancel = this.querySelector('.cancel');
    if (cancel) askTwice(cancel, texts.moveCancelSure, () => this.#move('cancelled'));
  }

  /** @param {Order} order */
  #drawItems({items}) {
    const text = JSON.stringify(items);
    if (text === this.#items) return;
    this.#items = text;
    render(find(this, '.items'), html`${items.map(({qty, name, type}) => html`
      <li><b>${qty} ×</b> <bdi>${name}</bdi> <bdi class="type">${type}</bdi></li>`)}`);
  }

  /**
   * @param {Order} order
   * @param {number} now
   */
  #drawTime({status, _createdAt}, now) {
    const age = now - _createdAt;
    const late = MAKING.includes(status) && age > LATE_MS;
    const time = find(this, 'time');
    time.setAttribute('datetime', new Date(_createdAt).toISOString());
    setText(time, texts.age(_createdAt, age));
    setText(find(this, '.late'), late ? texts.late : '');
    this.toggleAttribute('late', late);
  }

  /**
   * Draws who moved the order last, and the final status of a finished order.
   * @param {Order} order
   * @param {string} [me]
   */
  #drawStaff({status, staff, moving}, me) {
    const name = moving || (staff && staff === me) ? texts.you : staff;
    const end = status in NEXT ? '' : texts.status[status][0];
    setText(find(this, '.by'), [end, name && texts.staff(name)].filter(Boolean).join(' · '));
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

/**
 * Changes only text that differs, so as not to interrupt a screen reader.
 * @param {Element} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
