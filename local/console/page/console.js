/** The console: shows the view in the address, and keeps it up to date. */

import {showDetails} from './details.js';
import {Data} from './data.js';
import {Flow} from './flow.js';
import {Functions} from './functions.js';
import {h, say} from './lib.js';
import {Order} from './order.js';
import {Permissions} from './permissions.js';

/**
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {() => Promise<void>} refresh Shows what there is now.
 * @property {(moves: import("./flow.js").Move[]) => void} [move] Shows what has just moved.
 */

/** @type {Record<string, new (argument: string) => View>} */
const VIEWS = {flow: Flow, order: Order, functions: Functions, data: Data, permissions: Permissions};

/** How often a view is read again at most, while things happen. */
const REFRESH_MS = 100;

const place = /** @type {HTMLElement} */ (document.querySelector('#view'));
const state = /** @type {HTMLElement} */ (document.querySelector('.live'));

/** @type {View} */
let view;
let isRefreshing = false;
let isStale = false;

const open = () => {
  const [, name = '', argument = '', record = ''] = location.hash.split('/');
  const chosen = name in VIEWS ? name : 'flow';
  const address = `${chosen}/${argument}`;
  if (place.dataset.address !== address) {
    place.dataset.address = address;
    view = new VIEWS[chosen](decodeURIComponent(argument));
    place.replaceChildren(view.element);
    void refresh();
  }
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#/${chosen}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  void showDetails(record);
};

/** Reads the view again; what happens meanwhile is read after that. */
const refresh = async () => {
  isStale = true;
  if (isRefreshing) return;
  isRefreshing = true;
  while (isStale) {
    isStale = false;
    try {
      await view.refresh();
      view.element.querySelector(':scope > .error')?.remove();
    } catch (error) {
      view.element.querySelector(':scope > .error')?.remove();
      view.element.prepend(h('p', {class: 'error'}, /** @type {Error} */ (error).message));
    }
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
  isRefreshing = false;
};

const events = new EventSource('events');
events.onopen = () => {
  state.dataset.state = 'live';
  state.textContent = 'Live';
  void refresh();
};
events.onerror = () => {
  state.dataset.state = 'off';
  state.textContent = 'The run has ended';
};
events.onmessage = (message) => {
  const news = JSON.parse(message.data);
  document.documentElement.dataset.records = news.number;
  view.move?.(news.moves);
  void refresh();
};

addEventListener('hashchange', () => {
  say('');
  open();
});
open();
