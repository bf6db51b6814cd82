/** What elements need to be drawn from data, and to talk to the page. */

/** @type {Record<string, string>} */
const ESCAPES = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'};
const SHOWN_MS = 6000;
/** @type {number | undefined} */
let timer;

/** Text that is known to be safe as markup: only `html` makes it. */
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
 * Template tag for markup. Every value is escaped, in text as in quoted attributes; nested `html` results and
 * arrays of them go in as they are; null, undefined and false leave nothing.
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
 * Replaces what is in the element. Takes nothing but `html` results, so that no string gets in unescaped.
 * @param {Element} element
 * @param {Markup} markup
 */
export function render(element, markup) {
  if (!(markup instanceof Markup)) throw new TypeError('render() takes what html`` made');
  element.innerHTML = markup.toString();
}

/**
 * The first element that matches; it has to be there.
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
 * Sends an event up the page, so that one listener on the document hears all elements.
 * @param {Element} from
 * @param {string} name
 * @param {object} [detail]
 */
export function emit(from, name, detail) {
  from.dispatchEvent(new CustomEvent(name, {detail, bubbles: true, composed: true}));
}

/** What the page knows, in one place each: changes are told with a `change` event, and elements are drawn from it. */
export class Store extends EventTarget {
  /** For subclasses: tells everybody who listens. */
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
 * Makes the children of an element match a list, and keeps those that stay: what has the focus keeps it, and what
 * somebody is typing is not overwritten.
 * @template T
 * @template {keyof HTMLElementTagNameMap | (string & {})} Tag
 * @param {Element} parent
 * @param {T[]} list
 * @param {(data: T) => string} keyOf what makes an entry the same one as before
 * @param {Tag} tag the element to make for a new entry
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
 * Sets several attributes; null or undefined takes one away.
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
 * Says something in the live region: seen at the foot of the page for a while, and read out politely.
 * @param {string} text
 */
export function say(text) {
  const region = find(document, '.message');
  clearTimeout(timer);
  region.textContent = ''; // so that the same text twice is read out twice
  timer = setTimeout(() => {
    region.textContent = text;
    timer = setTimeout(() => (region.textContent = ''), SHOWN_MS);
  }, 50);
}

/**
 * Adds a style sheet to the page, once, and waits for it.
 * @param {string} href from the site's root
 * @returns {Promise<void>}
 */
export async function addStyles(href) {
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = document.createElement('link');
  const loaded = new Promise((resolve) => {
    link.addEventListener('load', resolve);
    link.addEventListener('error', resolve); // better plain than not at all
  });
  link.rel = 'stylesheet';
  link.href = href;
  document.head.append(link);
  await loaded;
}
