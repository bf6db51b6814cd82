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

/** How long a view may take to be read before another is shown. */
const PATIENCE_MS = 3000;

const place = /** @type {HTMLElement} */ (document.querySelector('#view'));
const state = /** @type {HTMLElement} */ (document.querySelector('.live'));

/** @type {View} */
let view;
let isRefreshing = false;
let isStale = false;

const open = () => {
  // Other hashes are places on the page.
  if (location.hash && !location.hash.startsWith('#/')) return;
  const [, name = '', argument = '', record = ''] = location.hash.split('/');
  const chosen = Object.hasOwn(VIEWS, name) ? name : 'flow';
  const address = `${chosen}/${argument}`;
  if (place.dataset.address !== address) {
    place.dataset.address = address;
    view = new VIEWS[chosen](decoded(argument));
    place.replaceChildren(view.element);
    void refresh();
  }
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#/${chosen}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  void showDetails(record);
};

/** @param {string} text */
const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
};

/** Reads the view again; what happens meanwhile is read after that. */
const refresh = async () => {
  isStale = true;
  if (isRefreshing || document.hidden) return;
  isRefreshing = true;
  while (isStale && !document.hidden) {
    isStale = false;
    await Promise.race([show(view), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
  isRefreshing = false;
};

/** @param {View} shown */
const show = async (shown) => {
  const focused = nameOf(document.activeElement);
  /** @type {string} */
  let problem = '';
  try {
    await shown.refresh();
  } catch (error) {
    problem = /** @type {Error} */ (error).message;
  }
  shown.element.querySelector(':scope > .error')?.remove();
  if (problem) shown.element.prepend(h('p', {class: 'error'}, problem));
  // What was drawn again has lost the focus.
  if (focused && document.activeElement === document.body) {
    const found = [...place.querySelectorAll('a, button, summary, pre, [role=button]')].find(
      (it) => nameOf(it) === focused,
    );
    /** @type {HTMLElement | undefined} */ (found)?.focus({preventScroll: true});
  }
};

/** What an element of the view is recognized by after it was drawn again. @param {Element | null} element */
const nameOf = (element) =>
  element && place.contains(element)
    ? [element.tagName, element.getAttribute('href'), element.getAttribute('aria-label') ?? element.textContent].join()
    : '';

const events = new EventSource('events');
let run = '';
events.onopen = () => {
  state.dataset.state = 'live';
  state.textContent = 'Live';
  void refresh();
};
events.onerror = () => {
  state.dataset.state = 'off';
  state.textContent = run ? 'The run has ended' : 'Not connected';
};
events.onmessage = (message) => {
  const news = JSON.parse(message.data);
  // Another run has other records under the same numbers.
  if (run && run !== news.run) {
    history.replaceState(null, '', `#/${(place.dataset.address ?? '').split('@')[0]}`);
    location.reload();
  }
  run = news.run;
  document.documentElement.dataset.records = news.number;
  view.move?.(news.moves);
  void refresh();
};

addEventListener('visibilitychange', () => void refresh());
document.addEventListener('keydown', (event) => {
  const close = /** @type {HTMLElement | null} */ (document.querySelector('#details:not([hidden]) .close'));
  if (event.key === 'Escape') close?.click();
});
addEventListener('hashchange', () => {
  say('');
  open();
});
open();
