/** Helpers for elements: rendering, events and announcements. */
import {texts} from '../texts.js';

/** @type {Record<string, string>} */
const ESCAPES = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'};
const SHOWN_MS = 6000;
/** @type {number | undefined} */
let timer;

/** Text that is safe as markup. Only `html` creates it. */
export class Markup {
  #text;

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  toString() {
    return this.#text;
  }
}

/**
 * Template tag for markup. Escapes every value, in text and in quoted attributes. Inserts nested `html` results and
 * arrays of them unchanged, and nothing for null, undefined and false.
 * @param {TemplateStringsArray} strings
 * @param {unknown[]} values
 */
export function html(strings, ...values) {
  return new Markup(String.raw({raw: strings}, ...values.map(safe)));
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function safe(value) {
  if (value instanceof Markup) return value.toString();
  if (Array.isArray(value)) return value.map(safe).join('');
  if (value === null || value === undefined || value === false) return '';
  return String(value).replace(/[&<>"']/g, (char) => ESCAPES[char]);
}

/**
 * Replaces the content of an element. Accepts only `html` results, so no string is inserted unescaped.
 * @param {Element} element
 * @param {Markup} markup
 */
export function render(element, markup) {
  if (!(markup instanceof Markup)) throw new TypeError('render() accepts only html`` results');
  element.innerHTML = markup.toString();
}

/**
 * Returns the first matching element, and throws if there is none.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {T}
 */
export function find(root, selector) {
  const element = root.querySelector(selector);
  if (!element) throw new Error(`nothing matches ${selector}`);
  return /** @type {T} */ (element);
}

/**
 * Appends an element to another place of the page. Moving alone would take the focus from what somebody types in.
 * @param {HTMLElement} element
 * @param {HTMLElement} place
 */
export function moveWithFocus(element, place) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  place.append(element);
  /** @type {HTMLElement | null} */ (focused)?.focus({preventScroll: true});
}

/**
 * Dispatches a bubbling event, so that one listener on the document handles all elements.
 * @param {Element} from
 * @param {string} name
 * @param {object} [detail]
 */
export function emit(from, name, detail) {
  from.dispatchEvent(new CustomEvent(name, {detail, bubbles: true, composed: true}));
}

/** Base of the page's state: elements are drawn from it, and it sends a `change` event. */
export class Store extends EventTarget {
  /** For subclasses: notifies the listeners. */
  changed() {
    this.dispatchEvent(new Event('change'));
  }

  /**
   * Calls back now and after each change.
   * @param {() => void} callback
   */
  watch(callback) {
    this.addEventListener('change', callback);
    callback();
  }
}

/**
 * Shows whether a part of the page is live, and has a change of that read out once.
 * @param {ParentNode} root of an element with the class `live`
 * @param {import('../api/live.js').State} state
 */
export function showLive(root, {state, at}) {
  const region = find(root, '.live');
  const text = texts.liveState(state, at);
  region.dataset.state = text && state;
  setText(region, text);
}

/**
 * Changes a text only if it differs. The same text again would be announced again by screen readers, and Safari sends no
 * click to a button whose text is replaced while it is pressed.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes the children of an element match a list. Reuses existing children, so that they keep the focus and the user's
 * input.
 * @template T
 * @template {keyof HTMLElementTagNameMap | (string & {})} Tag
 * @param {Element} parent
 * @param {T[]} list
 * @param {(data: T) => string} keyOf identifies an entry
 * @param {Tag} tag the element for a new entry
 * @param {(element: Tag extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Tag] : HTMLElement, data: T) =>
 *   void} update
 */
export function sync(parent, list, keyOf, tag, update) {
  const children = /** @type {HTMLElement[]} */ ([...parent.children]);
  const old = new Map(children.map((child) => [child.dataset.key, child]));
  const keys = new Set(list.map(keyOf));
  for (const [key, child] of old) if (!keys.has(key ?? '')) child.remove();
  let next = parent.firstElementChild;
  for (const data of list) {
    const key = keyOf(data);
    const child = old.get(key) ?? document.createElement(tag);
    child.dataset.key = key;
    update(/** @type {any} */ (child), data);
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

/**
 * Sets several attributes; null or undefined removes one.
 * @param {Element} element
 * @param {Record<string, unknown>} attributes
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
  }
}

/**
 * Shows a message at the foot of the page for six seconds, and announces it politely to screen readers.
 * @param {string} text
 */
export function say(text) {
  const region = find(document, '.message');
  clearTimeout(timer);
  region.textContent = ''; // announces a repeated text again
  timer = setTimeout(() => {
    region.textContent = text;
    timer = setTimeout(() => (region.textContent = ''), SHOWN_MS);
  }, 50);
}

/**
 * Adds a style sheet to the page once, and waits for it.
 * @param {string} href from the site's root
 * @returns {Promise<void>}
 */
export async function addStyles(href) {
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = document.createElement('link');
  const loaded = new Promise((resolve) => {
    link.addEventListener('load', resolve);
    link.addEventListener('error', resolve); // unstyled is better than nothing
  });
  link.rel = 'stylesheet';
  link.href = href;
  document.head.append(link);
  await loaded;
}

/**
 * Loads a rarely used module. Shows an error and returns undefined on failure.
 * @template T
 * @param {() => Promise<T>} fetchModule
 */
export function load(fetchModule) {
  return fetchModule().catch(() => say(texts.unreachable));
}
