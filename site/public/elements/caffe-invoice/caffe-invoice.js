import {emit, find, html, render} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/**
 * @typedef {{description: string, amount: number, currency: string, status: string, method?: string, _sentAt?: number,
 *   _paidAt?: number}} Invoice as the API shows it to a payer: `amount` in minor units of the currency, times in ms
 */

/** An invoice as its payer sees it. Sends `pay`, `print-receipt`, or `look-again` to retry loading. */
export class CaffeInvoice extends HTMLElement {
  #label = '';

  /** The invoice's number for the payer. */
  number = '';

  /** @param {Invoice} invoice */
  set invoice({description, amount, currency, status, method, _sentAt, _paidAt}) {
    const price = texts.money(amount, currency);
    const paid = status === 'paid';
    this.#draw(paid ? texts.invoicePaid : texts.invoice, html`
      <p class="description" dir="auto">${description}</p>
      <p class="amount">${price}</p>
      <p class="why">${texts.payee(this.number)}</p>
      <p class="why">${paid ? texts.paidOn(_paidAt, method) : texts.sentOn(_sentAt)}</p>`);
    if (paid) this.#offer('print-receipt', texts.printReceipt);
    else this.#offer('pay', texts.pay(price));
  }

  /** @param {{heading: string, text: string, again?: boolean}} note shown in place of an invoice */
  set note({heading, text, again}) {
    this.#draw(heading, html`<p class="note">${text}</p>`);
    if (again) this.#offer('look-again', texts.lookAgain);
  }

  /** @param {boolean} busy whether a request is in progress, which blocks another one */
  set busy(busy) {
    this.setAttribute('aria-busy', String(busy));
    // Not `disabled`, which would lose the focus.
    this.#button.setAttribute('aria-disabled', String(busy));
    this.#button.textContent = busy ? texts.oneMoment : this.#label;
  }

  /** @param {string} text why the payment failed, or '' */
  set error(text) {
    find(this, '.error').textContent = text;
  }

  get #button() {
    return find(this, 'button');
  }

  /**
   * @param {string} heading
   * @param {import('../../lib/dom.js').Markup} content
   */
  #draw(heading, content) {
    const focused = this.contains(document.activeElement);
    render(this, html`
      <h1 tabindex="-1">${heading}</h1>
      ${content}
      <p class="error" role="alert"></p>
      <button class="main" hidden></button>
      <p class="note">${texts.standIn}</p>`);
    // The focused element is gone.
    if (focused) find(this, 'h1').focus();
  }

  /**
   * @param {string} event
   * @param {string} label
   */
  #offer(event, label) {
    const button = this.#button;
    this.#label = button.textContent = label;
    button.hidden = false;
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') !== 'true') emit(this, event);
    });
  }
}
