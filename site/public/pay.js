/**
 * The page behind a payer's link. The link's token stands behind the `#` of the address, which browsers send nowhere,
 * and goes from there into the API's path alone.
 */
import {explain} from './api/client.js';
import {call, Failure} from './api/http.js';
import {CaffeInvoice} from './elements/caffe-invoice/caffe-invoice.js';
import {texts} from './texts.js';

customElements.define('caffe-invoice', CaffeInvoice);

const TOKEN = /^#[\w-]{43}$/;
const METHOD = 'card'; // what the café's payment provider takes

const view = /** @type {CaffeInvoice} */ (document.querySelector('caffe-invoice'));
let visit = 0; // counts the links that were opened: an answer that belongs to an earlier one is dropped

const path = () => `pay/${location.hash.slice(1)}`;

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
 * @param {string} [refusal] why it could not be paid
 */
async function look(refusal = '') {
  const mine = visit;
  if (!refusal) view.note = texts.invoiceLoading;
  view.busy = true;
  try {
    const invoice = await call(path());
    if (mine !== visit) return;
    view.invoice = invoice;
    if (invoice.status !== 'paid') view.error = refusal;
  } catch (error) {
    if (mine !== visit) return;
    const problem = problemOf(error);
    if (problem.status === 404) view.note = texts.linkUnknown;
    else if (problem.status === 409) view.note = {heading: texts.nothingToPay, text: explain(problem)};
    else view.note = {heading: texts.invoice, text: explain(problem), again: true};
  }
  view.busy = false;
}

async function pay() {
  const mine = visit;
  view.error = '';
  view.busy = true;
  try {
    const invoice = await call(path(), {
      method: 'POST', body: {method: METHOD}, headers: {'Idempotency-Key': attempt()},
    });
    if (mine === visit) view.invoice = invoice;
  } catch (error) {
    if (mine !== visit) return;
    const problem = problemOf(error);
    if (problem.status === 404 || problem.status === 409) {
      // Declined or withdrawn, which looking tells: this attempt is over, and the next has a key of its own.
      history.replaceState(null, '');
      await look(explain(problem));
    } else {
      view.error = problem.status === 429 ? explain(problem) : texts.paymentUnsure;
    }
  }
  if (mine === visit) view.busy = false;
}

/** The key of this attempt to pay. The browser's history keeps it, so trying again or reloading does not change it. */
function attempt() {
  if (!history.state) history.replaceState(crypto.randomUUID(), '');
  return history.state;
}

/**
 * @param {unknown} error
 * @returns {import('./api/http.js').Problem}
 */
const problemOf = (error) => (error instanceof Failure ? error.problem : {status: 0});

view.addEventListener('pay', pay);
view.addEventListener('look-again', () => look());
addEventListener('hashchange', open);
open();
