/**
 * Makes the children of an element match a list, and keeps those that stay: what has the focus keeps it, and what
 * somebody is typing is not overwritten.
 * @template T
 * @param {Element} parent
 * @param {T[]} list
 * @param {(data: T) => string} keyOf what makes an entry the same one as before
 * @param {string} tag the element to make for a new entry
 * @param {(element: HTMLElement, data: T) => void} update
 */
export function sync(parent, list, keyOf, tag, update) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const keys = new Set(list.map(keyOf));
  for (const [key, child] of old) if (!keys.has(key)) child.remove();
  let next = parent.firstElementChild;
  for (const data of list) {
    const key = keyOf(data);
    const child = old.get(key) ?? document.createElement(tag);
    child.dataset.key = key;
    update(child, data);
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
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}
