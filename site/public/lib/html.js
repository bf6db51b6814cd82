const ESCAPES = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'};

/** Text that is known to be safe as markup: only `html` makes it. */
class Markup {
  #text;
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
 * @returns {Markup}
 */
export function html(strings, ...values) {
  return new Markup(String.raw({raw: strings}, ...values.map(safe)));
}

function safe(value) {
  if (value instanceof Markup) return value;
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
