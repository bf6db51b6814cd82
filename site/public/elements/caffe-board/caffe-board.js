import {addStyles, emit, find, html, render, say, setText, showLive, sync} from '../../lib/dom.js';
import {texts} from '../../texts.js';
import {chime} from '../../lib/sound.js';
import {letSleep, stayAwake} from '../../lib/wake-lock.js';
import {CaffeBoardOrder} from '../caffe-board-order/caffe-board-order.js';
import {CaffeCounter} from '../caffe-counter/caffe-counter.js';
import {Board, isOpen, keyOf} from './board.js';
import {drawSums} from './sums.js';

/** @typedef {import('../../api/client.js').ApiClient} ApiClient */
/** @typedef {import('../../api/session.js').Who} Who */
/** @typedef {import('../../api/orders.js').Order} Order */

/** The columns, and the statuses of their orders. @type {Record<string, string[]>} */
const COLUMNS = {make: ['created', 'accepted'], ready: ['ready']};
const MOST_SHOWN = 60; // orders in a column; more are of no help, and slow the page down
const DOUBLE_TAP_MS = 400; // orders move up after a tap, so an immediate second tap is not meant for the next one

customElements.define('caffe-board-order', CaffeBoardOrder);
customElements.define('caffe-counter', CaffeCounter);

/**
 * The staff's board: everyone's orders, what to make and what is ready, kept up to date while it is on the page. Sends
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
  /** @type {Order | undefined} the order that is about to be cancelled */
  #cancelled;
  /** Minutes after which an order is late. */
  lateMinutes = 10;

  connectedCallback() {
    if (!this.firstElementChild) this.#build();
    this.#start();
    document.addEventListener('visibilitychange', stayAwake);
  }

  disconnectedCallback() {
    this.#board?.stop();
    document.removeEventListener('visibilitychange', stayAwake);
    letSleep();
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
      <div class="tools">
        <label>${texts.find} <input type="search" name="find" autocomplete="off" enterkeyhint="search"></label>
        <button class="undo" hidden></button>
      </div>
      <div class="columns">
        ${Object.keys(COLUMNS).map((name) => html`
          <section class="${name}" aria-labelledby="board-${name}">
            <h2 id="board-${name}" tabindex="-1">${texts.columns[name]} <b></b></h2>
            <ul class="sums"></ul>
            <p class="empty">${texts.boardEmpty[name]}</p>
            <div class="orders" role="list"></div>
            <p class="rest"></p>
          </section>`)}
      </div>
      <caffe-counter></caffe-counter>
      <details>
        <summary>${texts.boardEnded} <b></b></summary>
        <p class="empty">${texts.boardEmpty.ended}</p>
        <div class="orders" role="list"></div>
        <p class="rest"></p>
      </details>
      <dialog class="cancelling" aria-labelledby="cancelling-title">
        <form method="dialog">
          <h2 id="cancelling-title" tabindex="-1"></h2>
          <label>${texts.reason} <input name="reason" maxlength="140" autocomplete="off" list="reasons"></label>
          <datalist id="reasons">${texts.reasons.map((reason) => html`<option value="${reason}"></option>`)}</datalist>
          <button class="main" value="cancel">${texts.moveCancelSure}</button>
          <button class="quiet" value="">${texts.back}</button>
        </form>
      </dialog>
      <dialog class="photo" aria-label="${texts.photo}">
        <img alt="">
        <p></p>
        <button class="main">${texts.close}</button>
      </dialog>`);
    this.setAttribute('role', 'main');
    this.addEventListener('move-order', (event) => this.#move(/** @type {CustomEvent} */ (event)));
    find(this, '[name="find"]').addEventListener('input', () => this.#board && this.#draw(this.#board));
    find(this, '.undo').addEventListener('click', () => this.#takeBack());
    // Not on submitting, when the dialog still has the focus of the order that goes.
    const cancelling = /** @type {HTMLDialogElement} */ (find(this, '.cancelling'));
    cancelling.addEventListener('close', () => cancelling.returnValue === 'cancel' && this.#cancel());
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
    /** @type {CaffeCounter} */ (find(this, 'caffe-counter')).client = this.client;
    stayAwake();
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
    for (const part of ['.tools', '.columns', ':scope > details', 'caffe-counter']) find(this, part).hidden = hidden;
  }

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return find(this, '.photo');
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
    this.#drawUndo(board);
    this.#keepFocus(() => {
      for (const [name, statuses] of Object.entries(COLUMNS)) {
        // Oldest first.
        this.#drawList(find(this, `.${name}`), orders.filter(({status}) => statuses.includes(status)).reverse(), board);
      }
      drawSums(find(this, '.make .sums'), orders.filter(({status}) => COLUMNS.make.includes(status)));
      this.#drawList(find(this, ':scope > details'), orders.filter(({status}) => !isOpen(status)), board);
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
    const found = orders.filter((order) => this.#isWanted(order));
    const shown = found.slice(0, MOST_SHOWN);
    find(place, 'b').textContent = String(orders.length);
    find(place, '.empty').hidden = orders.length > 0;
    find(place, '.rest').textContent = shown.length < found.length ? texts.rest(found.length - shown.length) :
      orders.length && !found.length ? texts.nothingFound : '';
    sync(find(place, '.orders'), shown, keyOf, 'caffe-board-order', (card, order) => {
      card.setAttribute('role', 'listitem');
      const state = {now: board.now, lateMinutes: this.lateMinutes, me: this.#who?.customer};
      /** @type {CaffeBoardOrder} */ (card).show(order, board.photosOf(order), state);
    });
  }

  /**
   * Whether an order has the number or the name that the user is looking for.
   * @param {Order} order
   */
  #isWanted({number, pickupName = ''}) {
    const text = /** @type {HTMLInputElement} */ (find(this, '[name="find"]')).value.trim().toLowerCase();
    return !text || String(number) === text || pickupName.toLowerCase().includes(text);
  }

  /** @param {Board} board */
  #drawUndo({last}) {
    const button = find(this, '.undo');
    const focused = document.activeElement === button;
    button.hidden = !last || last.until <= Date.now();
    if (last) setText(button, texts.undo(last.order.number, last.order.status));
    if (focused && button.hidden) find(this, 'h1').focus();
  }

  async #takeBack() {
    const last = this.#board?.last;
    if (last && (await this.#board?.takeBack())) say(texts.orderMoved(last.order.number, last.from));
  }

  async #cancel() {
    const order = this.#cancelled;
    const reason = /** @type {HTMLInputElement} */ (find(this, '[name="reason"]')).value.trim() || undefined;
    if (order && (await this.#board?.move(order, 'cancelled', reason))) say(texts.orderMoved(order.number, 'cancelled'));
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
    /** @type {HTMLElement | null | undefined} */ (next?.querySelector('.actions button') ?? heading)?.focus();
  }

  /**
   * Announces new orders.
   * @param {import('./board.js').BoardOrder[]} orders
   */
  #announce(orders) {
    const fresh = orders.filter((order) => isOpen(order.status) && this.#seen && !this.#seen.has(keyOf(order)));
    this.#seen = new Set(orders.map(keyOf));
    if (fresh.length === 0) return;
    say(texts.newOrders(fresh.length));
    chime();
  }

  /** @param {CustomEvent<{order: import('./board.js').BoardOrder, status: string}>} event */
  async #move({detail: {order, status}, timeStamp}) {
    if (timeStamp - this.#tappedAt < DOUBLE_TAP_MS) return;
    this.#tappedAt = timeStamp;
    if (status === 'cancelled') {
      this.#cancelled = order;
      find(this, '#cancelling-title').textContent = texts.moveLong(order.number, status);
      /** @type {HTMLInputElement} */ (find(this, '[name="reason"]')).value = '';
      const dialog = /** @type {HTMLDialogElement} */ (find(this, '.cancelling'));
      dialog.returnValue = '';
      dialog.showModal();
      return;
    }
    if (await this.#board?.move(order, status)) say(texts.orderMoved(order.number, status));
  }

  /** @param {{order: import('./board.js').BoardOrder, photo: import('./board.js').Photo}} shown */
  #showPhoto({order, photo}) {
    const dialog = this.#dialog;
    const image = /** @type {HTMLImageElement} */ (find(dialog, 'img'));
    image.src = photo.url ?? '';
    image.alt = find(dialog, 'p').textContent = texts.photoOf(order.number, photo._createdAt);
    dialog.showModal();
  }

  /**
   * @param {string} note why there is no news, or ''
   * @param {string} [problem] what failed, or ''
   */
  #say(note, problem = '') {
    setText(find(this, '.note'), problem.includes(note) ? '' : note); // said once
    setText(find(this, '.error'), problem);
  }
}
