import {html, render} from '../../lib/html.js';
import {texts} from '../../texts.js';

/** @typedef {{name: string, type: string, price: number, picture: string}} MenuItem price in cents */

/** What there is to order, as cards. */
export class CaffeMenu extends HTMLElement {
  /** @param {MenuItem[]} items */
  set items(items) {
    render(this, html`<h2>${texts.menu}</h2>
      <div class="cards" role="list">${items.map(({name, type, price, picture}) => html`
        <caffe-menu-item role="listitem" name="${name}" type="${type}" price="${price}" picture="${picture}">
        </caffe-menu-item>`)}
      </div>`);
  }

  /** @param {string} text shown when there is no menu to show */
  set note(text) {
    render(this, html`<h2>${texts.menu}</h2><p class="note">${text}</p>`);
  }
}
