/**
 * The payment page. The link's token follows the `#` in the URL, which browsers do not send, and is used only in the
 * API's path.
 */
import {ApiClient} from './api/client.js';
import {CaffeInvoice} from './elements/caffe-invoice/caffe-invoice.js';
import {texts} from './texts.js';

customElements.define('caffe-invoice', CaffeInvoice);

/** @typedef {import('./api/client.js').ApiError} ApiError */

const TOKEN = /^#[\w-]{43}$/;
const METHOD = 'card'; // what the café's payment provider accepts

document.addEventListener('print-receipt', () => print());

const api = new ApiClient();
const view = /** @type {CaffeInvoice} */ (document.querySelector('caffe-invoice'));
let visit = 0; // counts opened links: answers for an earlier one are dropped

const token = () => location.hash.slice(1);

function open() {
  visit += 1;
  if (TOKEN.test(location.hash)) {
    look();
  } else {
    view.note = texts.linkUnknown;
    view.busy = false;
  }
}

/**
 * Shows the invoice.
 * @param {string} [refusal] why the payment failed
 */
async function look(refusal = '') {
  const mine = visit;
  if (!refusal) view.note = texts.invoiceLoading;
  view.busy = true;
  try {
    const invoice = await api.invoice(token());
    const number = await invoiceNumber();
    if (mine !== visit) return;
    view.number = number;
    view.invoice = invoice;
    if (invoice.status !== 'paid') view.error = refusal;
  } catch (error) {
    if (mine !== visit) return;
    const {status, message} = /** @type {ApiError} */ (error);
    if (status === 404) view.note = texts.linkUnknown;
    else if (status === 409) view.note = {heading: texts.nothingToPay, text: message};
    else view.note = {heading: texts.invoice, text: message, again: true};
  }
  view.busy = false;
}

async function pay() {
  const mine = visit;
  view.error = '';
  view.busy = true;
  try {
    const invoice = await api.pay(token(), METHOD, attempt());
    if (mine === visit) view.invoice = invoice;
  } catch (error) {
    if (mine !== visit) return;
    const {status, message} = /** @type {ApiError} */ (error);
    if (status === 404 || status === 409) {
      // Declined or withdrawn: reload to find out. This attempt is over, and the next one gets its own key.
      history.replaceState(null, '');
      await look(message);
    } else {
      view.error = status === 429 ? message : texts.paymentUnsure;
    }
  }
  if (mine === visit) view.busy = false;
}

/** The number of this invoice for its payer: always the same for a link, and the link cannot be derived from it. */
async function invoiceNumber() {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token())));
  return [...digest.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('').toUpperCase();
}

/** The key of this payment attempt. The browser's history keeps it, so a retry or reload does not change it. */
function attempt() {
  if (!history.state) history.replaceState(crypto.randomUUID(), '');
  return history.state;
}

view.addEventListener('pay', pay);
view.addEventListener('look-again', () => look());
addEventListener('hashchange', open);
open();
