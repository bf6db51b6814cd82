/** Small helpers of all views. */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element. Properties that start with `on` are listeners, others are attributes. Children are nodes or text: nothing
 * that was recorded is ever read as HTML.
 * @param {string} name
 * @param {Record<string, any>} [properties]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export const h = (name, properties = {}, ...children) =>
  /** @type {HTMLElement} */ (made(document.createElement(name), properties, children));

/**
 * An SVG element.
 * @param {string} name
 * @param {Record<string, any>} [properties]
 * @param {...(Child | Child[])} children
 * @returns {SVGElement}
 */
export const svg = (name, properties = {}, ...children) =>
  /** @type {SVGElement} */ (made(document.createElementNS('http://www.w3.org/2000/svg', name), properties, children));

/** @param {Element} element @param {Record<string, any>} properties @param {(Child | Child[])[]} children */
const made = (element, properties, children) => {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat()) {
    if (child instanceof Node) element.append(child);
    else if (child || child === 0) element.append(String(child));
  }
  return element;
};

/** What the console answers to a request for data. Throws its error. @param {string} path @returns {Promise<any>} */
export const read = async (path) => answered(await fetch(`data/${path}`));

/**
 * What the console answers to a change. Throws its error.
 * @param {string} name
 * @param {object} content
 * @returns {Promise<any>}
 */
export const change = async (name, content) => {
  const headers = {'Content-Type': 'application/json'};
  return answered(await fetch(name, {method: 'POST', headers, body: JSON.stringify(content)}));
};

/** @param {Response} response */
const answered = async (response) => {
  const content = await response.json().catch(() => ({error: `The console answered with status ${response.status}.`}));
  if (!response.ok) throw new Error(content.error);
  return content;
};

/** A duration. @param {number | null} ms */
export const duration = (ms) => {
  if (ms === null) return '';
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
};

/** The time of day. @param {number} at in ms since 1970 */
export const clock = (at) => {
  const time = new Date(at);
  return `${time.toLocaleTimeString('en-GB')}.${String(time.getMilliseconds()).padStart(3, '0')}`;
};

/** JSON with line breaks, any other text as it is. @param {string} text */
export const pretty = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

/** Say something for all to hear. @param {string} text */
export const say = (text) => {
  /** @type {HTMLElement} */ (document.querySelector('.message')).textContent = text;
};

/**
 * A button that works once at a time, and says why it could not.
 * @param {string} label
 * @param {() => Promise<void>} work
 * @param {Record<string, any>} [properties]
 */
export const button = (label, work, properties = {}) => {
  const element = h('button', {type: 'button', ...properties, onclick: () => void run()}, label);
  const run = async () => {
    if (element.getAttribute('aria-disabled')) return;
    element.setAttribute('aria-disabled', 'true');
    try {
      await work();
    } catch (error) {
      say(/** @type {Error} */ (error).message);
    } finally {
      element.removeAttribute('aria-disabled');
    }
  };
  return element;
};
