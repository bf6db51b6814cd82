/**
 * Sends an event up the page, so that one listener on the document hears all elements.
 * @param {Element} from
 * @param {string} name
 * @param {object} [detail]
 */
export function emit(from, name, detail) {
  from.dispatchEvent(new CustomEvent(name, {detail, bubbles: true, composed: true}));
}
