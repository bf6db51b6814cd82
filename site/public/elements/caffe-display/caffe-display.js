import {addStyles, find, html, render, showLive, sync} from '../../lib/dom.js';
import {Poller} from '../../lib/poller.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../api/client.js').ApiClient} ApiClient */
/** @typedef {{number: number, status: string}} Shown */

const KEY = 'caffe-display';
const SETTLE_MS = 5_000;
const COLUMNS = ['accepted', 'ready'];

/**
 * A screen in the room: the numbers that are being made or ready, readable from afar, and a code that opens the page. Its
 * token comes with the address (`#display=TOKEN`) once, and is kept on the device.
 */
class CaffeDisplay extends HTMLElement {
  #token = '';
  /** @type {Shown[]} */
  #shown = [];
  #poller;
  #api;

  /** @param {ApiClient} api */
  constructor(api) {
    super();
    this.#api = api;
    this.#poller = new Poller(() => this.#load(), api.live);
    api.live.addEventListener('news', (event) => this.isConnected && this.#hear(/** @type {CustomEvent} */ (event).detail));
    api.live.addEventListener('state', () => this.isConnected && showLive(this, api.live.state));
  }

  connectedCallback() {
    addStyles('/elements/caffe-display/caffe-display.css');
    this.setAttribute('role', 'main');
    render(this, html`
      <h1 class="hidden">${texts.display}</h1>
      ${COLUMNS.map((status) => html`
        <section class="${status}" aria-labelledby="display-${status}">
          <h2 id="display-${status}">${texts.displayed[status]}</h2>
          <div class="numbers" role="list"></div>
        </section>`)}
      <div class="foot">
        <img src="/qr.svg" alt="${texts.qr}" width="160" height="160">
        <p>${texts.orderHere}<br><strong>${location.host}</strong></p>
        <p class="note" role="status"></p>
        <p class="live"></p>
      </div>`);
    this.#token = takeToken();
    if (!this.#token) {
      find(this, '.note').textContent = texts.displayUnknown;
      return;
    }
    this.#api.hearAsDisplay(this.#token).catch(() => {});
    this.#api.live.want('display', true);
    this.#poller.start(0);
  }

  disconnectedCallback() {
    this.#api.live.want('display', false);
    this.#poller.stop();
  }

  /** @returns {Promise<import('../../lib/poller.js').Outcome>} */
  async #load() {
    try {
      this.#draw(await this.#api.display(this.#token));
      find(this, '.note').textContent = '';
      return 'more';
    } catch (error) {
      const {status, message} = /** @type {import('../../api/client.js').ApiError} */ (error);
      const over = status === 401 || status === 403;
      find(this, '.note').textContent = over ? texts.displayUnknown : message;
      if (over) {
        this.#draw([]);
        this.#api.live.want('display', false);
      }
      return over ? 'done' : 'failed';
    }
  }

  /** @param {Shown} change which the API's list can lack for a moment */
  #hear(change) {
    const others = this.#shown.filter(({number}) => number !== change.number);
    this.#draw([...others, change]);
    this.#poller.start(SETTLE_MS);
  }

  /** @param {Shown[]} shown */
  #draw(shown) {
    this.#shown = shown;
    for (const column of COLUMNS) {
      const numbers = shown.filter(({status}) => status === column);
      sync(find(this, `.${column} .numbers`), numbers, ({number}) => String(number), 'b', (place, {number}) => {
        place.setAttribute('role', 'listitem');
        place.textContent = String(number);
      });
    }
  }
}

/**
 * Shows a display in place of the page.
 * @param {ApiClient} api
 * @param {HTMLElement} main of the page
 */
export function showDisplay(api, main) {
  customElements.define('caffe-display', CaffeDisplay);
  const display = new CaffeDisplay(api);
  main.hidden = true;
  main.after(display);
  document.title = texts.displayTitle;
  return display;
}

/** The token in the address, which is kept and no longer shown, or else the one that is kept. */
function takeToken() {
  const [, given] = location.hash.match(/^#display=([\w.]+)$/) ?? [];
  try {
    if (given) localStorage.setItem(KEY, given);
    if (given) history.replaceState(null, '', '#display');
    return given ?? localStorage.getItem(KEY) ?? '';
  } catch {
    return given ?? ''; // storage is blocked: the address keeps the token
  }
}
