import {emit, find, html, render, setText} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../lib/cart.js').Product} Product */
/** @typedef {import('../../lib/menu.js').Menu} Menu */
/** @typedef {import('../../lib/menu.js').Option} Option */

/**
 * A sheet to choose the options of a product and to add a note. Sends `product-chosen` with `{product, old}`; `old` is the
 * product that it replaces in the cart, if any.
 */
export class CaffeOptions extends HTMLElement {
  /** @type {Product | undefined} */
  #old;
  /** @type {Product | undefined} */
  #product;
  /** @type {Menu | undefined} */
  #menu;

  connectedCallback() {
    render(this, html`
      <dialog aria-labelledby="options-title">
        <form method="dialog">
          <h2 id="options-title" tabindex="-1"></h2>
          <div class="groups"></div>
          <label>${texts.note} <input name="note" maxlength="140" autocomplete="off" placeholder="${texts.noteHint}"></label>
          <button class="main" value="add"></button>
          <button class="quiet" value="" formnovalidate>${texts.back}</button>
        </form>
      </dialog>`);
    this.#dialog.addEventListener('change', () => this.#drawPrice());
    // Not on submitting, when the dialog still has the focus of the line that it changes.
    this.#dialog.addEventListener('close', () => {
      if (this.#dialog.returnValue === 'add') emit(this, 'product-chosen', {product: this.#chosen, old: this.#old});
    });
  }

  /**
   * Opens the sheet.
   * @param {Menu} menu
   * @param {Product} product with the options and the note to start with
   * @param {Product} [old] the product that it replaces in the cart
   */
  ask(menu, product, old) {
    this.#old = old;
    this.#menu = menu;
    this.#product = product;
    find(this, 'h2').textContent = product.name;
    render(find(this, '.groups'), html`${groupsOf(menu.find(product)?.options ?? []).map(([group, options]) => html`
      <fieldset>
        <legend>${texts.optionGroup(group)}</legend>
        <label><input type="radio" name="${group}" value="" checked> <span>${texts.noOption}</span></label>
        ${options.map(({name, price}) => html`
          <label><input type="radio" name="${group}" value="${name}"> <span>${name}</span>
            <span class="price">${price > 0 && `+ ${menu.money(price)}`}</span></label>`)}
      </fieldset>`)}`);
    for (const name of product.options ?? []) {
      const radio = [...this.querySelectorAll('input')].find((it) => it.type === 'radio' && it.value === name);
      if (radio) radio.checked = true;
    }
    this.#note.value = product.note ?? '';
    this.#drawPrice();
    this.#dialog.returnValue = '';
    this.#dialog.showModal();
  }

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return find(this, 'dialog');
  }

  /** @returns {HTMLInputElement} */
  get #note() {
    return find(this, '[name="note"]');
  }

  /** @returns {Product} */
  get #chosen() {
    const {name = '', type = ''} = this.#product ?? {};
    const radios = /** @type {NodeListOf<HTMLInputElement>} */ (this.querySelectorAll('[type="radio"]:checked'));
    const options = [...radios].map(({value}) => value).filter(Boolean);
    return {name, type, options, note: this.#note.value.trim()};
  }

  #drawPrice() {
    const price = this.#menu?.price(this.#chosen) ?? 0;
    setText(find(this, '.main'), texts.addFor(this.#menu?.money(price) ?? '', Boolean(this.#old)));
  }
}

/**
 * Returns the options by their groups, in the menu's order.
 * @param {Option[]} options
 */
function groupsOf(options) {
  /** @type {Map<string, Option[]>} */
  const groups = new Map();
  for (const option of options) groups.set(option.group, [...(groups.get(option.group) ?? []), option]);
  return [...groups];
}
