import {addStyles, find, html, render} from '../../lib/dom.js';
import {messageOf} from '../../lib/visit.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../api/client.js').ApiClient} ApiClient */
/** @typedef {import('../../lib/menu.js').MenuItem} MenuItem */
/** @typedef {{id: string}} Display */

/** For staff: whether the café is open, what is sold out, and the screens in the room. */
export class CaffeCounter extends HTMLElement {
  /** @type {ApiClient | undefined} */
  #client;

  connectedCallback() {
    if (this.firstElementChild) return;
    addStyles('/elements/caffe-counter/caffe-counter.css');
    render(this, html`
      <details>
        <summary>${texts.counter}</summary>
        <p class="error" role="alert"></p>
        <label class="open">${texts.openLabel}
          <select>${Object.entries(texts.openStates).map(([value, text]) => html`<option value="${value}">${text}</option>`)}
          </select></label>
        <h3>${texts.onTheMenu}</h3>
        <div class="menu"></div>
        <h3>${texts.displays}</h3>
        <ul class="displays"></ul>
        <p class="new" hidden>${texts.openDisplay} <a target="_blank"></a></p>
        <button class="add">${texts.addDisplay}</button>
      </details>`);
    const details = /** @type {HTMLDetailsElement} */ (find(this, 'details'));
    details.addEventListener('toggle', () => details.open && this.#act(() => this.#load()));
    const select = /** @type {HTMLSelectElement} */ (find(this, 'select'));
    select.addEventListener('change', () => this.#act(async (client) => {
      const open = {hours: null, true: true, false: false}[select.value];
      await client.call('cafe', 'PATCH', {open});
    }));
    find(this, '.menu').addEventListener('change', ({target}) => this.#switch(/** @type {HTMLInputElement} */ (target)));
    find(this, '.add').addEventListener('click', () => this.#add());
    find(this, '.displays').addEventListener('click', ({target}) => {
      const {value} = /** @type {HTMLButtonElement} */ (target);
      if (value) this.#remove(value);
    });
  }

  /** @param {ApiClient} client of a member of the staff */
  set client(client) {
    if (this.#client !== client) {
      this.#client = client;
      // Somebody else has opened or closed the café, or changed the menu.
      client.live.addEventListener('news', () => this.#isOpen && this.#load().catch(() => {}));
    }
    this.#showLink(''); // of another user
  }

  get #isOpen() {
    return /** @type {HTMLDetailsElement | null} */ (this.querySelector('details'))?.open;
  }

  /** Shows the real state. */
  async #load() {
    const client = this.#client;
    if (client) {
      const {items} = (await currentMenu(client)).value;
      /** @type {Display[]} */
      const displays = (await client.call('displays', 'GET')).value;
      const {open, opensAt, closesAt} = (await client.call('cafe', 'GET')).value;
      // The API says when the café opens or closes only if its hours decide.
      /** @type {HTMLSelectElement} */ (find(this, 'select')).value = opensAt || closesAt ? 'hours' : String(open);
      render(find(this, '.menu'), html`${items.map((/** @type {MenuItem} */ {name, soldOut}) => html`
        <label class="switch"><input type="checkbox" role="switch" name="${name}" ${!soldOut && html`checked`}>
          ${name}</label>`)}`);
      render(find(this, '.displays'), html`${displays.map(({id}) => html`
        <li>${texts.displayNo(id)}
          <button class="quiet" value="${id}" aria-label="${texts.removeDisplayLong(id)}">${texts.removeDisplay}</button></li>`)}`);
    }
  }

  /** @param {HTMLInputElement} input of an item that is available now, or sold out */
  #switch(input) {
    return this.#act(async (client) => {
      // The whole item is written, unless anybody else has just changed the menu.
      const {value, etag} = await currentMenu(client);
      const {name, ...item} = value.items.find((/** @type {MenuItem} */ it) => it.name === input.name);
      const headers = {'If-Match': etag ?? ''};
      await client.call(`menu/${encodeURIComponent(name)}`, 'PUT', {...item, soldOut: !input.checked}, headers);
    });
  }

  #add() {
    return this.#act(async (client) => {
      const {token} = (await client.call('displays', 'POST', {})).value;
      this.#showLink(`${location.origin}/#display=${token}`);
      await this.#load();
    });
  }

  /** @param {string} id */
  #remove(id) {
    return this.#act(async (client) => {
      await client.call(`displays/${id}`, 'DELETE').catch((error) => {
        if (error.status !== 404) throw error;
      });
      this.#showLink('');
      await this.#load();
    });
  }

  /** @param {string} address of a new display, which is shown once, or '' */
  #showLink(address) {
    const link = /** @type {HTMLAnchorElement} */ (find(this, '.new a'));
    link.href = link.textContent = address;
    find(this, '.new').hidden = !address;
  }

  /**
   * Does something with the API. If it fails, shows the real state, and why.
   * @param {(client: ApiClient) => Promise<void>} act
   */
  async #act(act) {
    const region = find(this, '.error');
    region.textContent = '';
    try {
      if (this.#client) await act(this.#client);
    } catch (error) {
      await this.#load().catch(() => {});
      region.textContent = texts.counterFailed(messageOf(error));
    }
  }
}

/**
 * Returns the menu as it is, not as the CDN has it.
 * @param {ApiClient} client
 */
const currentMenu = (client) => client.call(`menu?v=${crypto.randomUUID()}`, 'GET');
