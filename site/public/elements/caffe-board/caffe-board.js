import {addStyles, emit, find, html, render, say, showLive, sync} from '../../lib/dom.js';
import {texts} from '../../texts.js';
import {CaffeBoardOrder} from '../caffe-board-order/caffe-board-order.js';
import {Board, isOpen, keyOf} from './board.js';

/** @typedef {import('../../api/client.js').ApiClient} ApiClient */
/** @typedef {import('../../api/session.js').Who} Who */

const COLUMNS = ['created', 'accepted', 'ready'];
const DOUBLE_TAP_MS = 400; // orders move up after a tap, so an immediate second tap is not meant for the next one

customElements.define('caffe-board-order', CaffeBoardOrder);

/**
 * The staff's board: everyone's orders, in a column for each status, kept up to date while it is on the page. Sends
 * `session-over` when the API no longer accepts the tokens.
 */
export class CaffeBoard extends HTMLElement {
  /** @type {ApiClient | undefined} set before `who` */
  client;
  /** @type {Who | null} */
  #who = null;
  /** @type {Board | undefined} */
  #board;
  /** @type {Set<string> | undefined} the orders shown before */
  #seen;
  #tappedAt = -Infinity;

  connectedCallback() {
    if (!this.firstElementChild) this.#build();
    this.#start();
  }

  disconnectedCallback() {
    this.#board?.stop();
  }

  /** @param {Who | null} who the user; only staff see orders */
  set who(who) {
    if (who === this.#who) return;
    this.#who = who;
    this.#board?.stop();
    this.#board = this.#seen = undefined;
    if (this.isConnected) this.#start();
  }

  #build() {
    addStyles('/elements/caffe-board/caffe-board.css');
    render(this, html`
      <h1 tabindex="-1">${texts.board}</h1>
      <p class="note" role="status"></p>
      <p class="live" role="status"></p>
      <p class="error" role="alert"></p>
      <div class="columns">
        ${COLUMNS.map((status) => html`
          <section class="${status}" aria-labelledby="board-${status}">
            <h2 id="board-${status}" tabindex="-1">${texts.status[status][0]} <b></b></h2>
            <p class="empty">${texts.boardEmpty[status]}</p>
            <div class="orders" role="list"></div>
          </section>`)}
      </div>
      <details>
        <summary>${texts.boardEnded} <b></b></summary>
        <p class="empty">${texts.boardEmpty.ended}</p>
        <div class="orders" role="list"></div>
      </details>
      <dialog aria-label="${texts.photo}">
        <img alt="">
        <p></p>
        <button class="main">${texts.close}</button>
      </dialog>`);
    this.setAttribute('role', 'main');
    this.addEventListener('move-order', (event) => this.#move(/** @type {CustomEvent} */ (event)));
    this.addEventListener('show-photo', (event) => this.#showPhoto(/** @type {CustomEvent} */ (event).detail));
    const dialog = this.#dialog;
    dialog.addEventListener('click', ({target}) => {
      if (target === dialog || target === dialog.querySelector('button')) dialog.close();
    });
    dialog.addEventListener('close', () => dialog.querySelector('img')?.removeAttribute('src'));
  }

  /** Starts to follow the orders if the user is staff. */
  #start() {
    if (!this.#board) this.#clear();
    if (!this.client || !this.#who?.isStaff) {
      this.#say(this.#who ? texts.boardStaffOnly : ''); // the sign-in tells users who are not signed in
      return;
    }
    this.#board ??= this.#watch(new Board(this.client));
    this.#board.start();
  }

  /** @param {Board} board */
  #watch(board) {
    this.#say(texts.boardLoading);
    board.addEventListener('change', () => {
      if (board === this.#board) this.#draw(board);
    });
    return board;
  }

  /** Removes what the next user must not see. */
  #clear() {
    showLive(this, {state: 'off', at: 0});
    this.#dialog.close();
    for (const list of this.querySelectorAll('.orders')) list.replaceChildren();
    this.#hide(true);
  }

  /** @param {boolean} hidden whether there is nothing to show yet */
  #hide(hidden) {
    find(this, '.columns').hidden = find(this, 'details').hidden = hidden;
  }

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return find(this, 'dialog');
  }

  /** @param {Board} board */
  #draw(board) {
    if (board.over) {
      emit(this, 'session-over');
      return;
    }
    this.#say(board.note, board.problem);
    showLive(this, board.live);
    if (!board.ready) return;
    const {orders} = board;
    this.#keepFocus(() => {
      for (const status of COLUMNS) {
        // Oldest first.
        this.#drawList(find(this, `.${status}`), orders.filter((order) => order.status === status).reverse(), board);
      }
      this.#drawList(find(this, 'details'), orders.filter(({status}) => !isOpen(status)), board);
    });
    this.#hide(false);
    this.#announce(orders);
  }

  /**
   * @param {HTMLElement} place
   * @param {import('./board.js').BoardOrder[]} orders
   * @param {Board} board
   */
  #drawList(place, orders, board) {
    find(place, 'b').textContent = String(orders.length);
    find(place, '.empty').hidden = orders.length > 0;
    sync(find(place, '.orders'), orders, keyOf, 'caffe-board-order', (card, order) => {
      card.setAttribute('role', 'listitem');
      /** @type {CaffeBoardOrder} */ (card).show(order, board.photosOf(order), board.now, this.#who?.customer);
    });
  }

  /**
   * Keeps the focus in the column: when a focused order moves away, the order in its place gets the focus.
   * @param {() => void} draw
   */
  #keepFocus(draw) {
    const focused = document.activeElement;
    const card = focused?.closest('caffe-board-order');
    const list = card?.parentElement;
    const at = list ? [...list.children].indexOf(card) : -1;
    draw();
    if (!list || focused?.isConnected || !this.isConnected) return;
    const next = list.children[at] ?? list.lastElementChild;
    const heading = list.parentElement?.querySelector('h2, summary');
    /** @type {HTMLElement | null | undefined} */ (next?.querySelector('button') ?? heading)?.focus();
  }

  /**
   * Announces new orders.
   * @param {import('./board.js').BoardOrder[]} orders
   */
  #announce(orders) {
    const fresh = orders.filter((order) => this.#seen && !this.#seen.has(keyOf(order)));
    this.#seen = new Set(orders.map(keyOf));
    if (fresh.length) say(texts.newOrders(fresh.length));
  }

  /** @param {CustomEvent<{order: import('./board.js').BoardOrder, status: string}>} event */
  async #move({detail: {order, status}, timeStamp}) {
    if (timeStamp - this.#tappedAt < DOUBLE_TAP_MS) return;
    this.#tappedAt = timeStamp;
    if (await this.#board?.move(order, status)) say(texts.orderMoved(order.id, status));
  }

  /** @param {{order: import('./board.js').BoardOrder, photo: import('./board.js').Photo}} shown */
  #showPhoto({order, photo}) {
    const dialog = this.#dialog;
    const image = /** @type {HTMLImageElement} */ (find(dialog, 'img'));
    image.src = photo.url ?? '';
    image.alt = find(dialog, 'p').textContent = texts.photoOf(order.id, photo._createdAt);
    dialog.showModal();
  }

  /**
   * @param {string} note why there is no news, or ''
   * @param {string} [problem] what failed, or ''
   */
  #say(note, problem = '') {
    for (const [selector, text] of [['.note', note], ['.error', problem]]) {
      const region = find(this, selector);
      if (region.textContent !== text) region.textContent = text; // do not announce the same text again
    }
  }
}
