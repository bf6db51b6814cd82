/** Schedules sending of the outbox. */
import * as outbox from './outbox.js';

const FIRST_MS = 5_000;
const SLOWEST_MS = 300_000;

let delay = FIRST_MS;
/** @type {number | undefined} */
let timer;

/**
 * Sends `send-waiting` events on the document when the outbox should be checked: on a change and, while orders wait in
 * it, now, when the network is back, when the page is shown again, and otherwise at growing intervals.
 */
export function watchOutbox() {
  outbox.watch(changed);
  addEventListener('online', look);
  document.addEventListener('visibilitychange', () => document.hidden || look());
  look();
}

async function look() {
  if (await outbox.isWaiting()) tell();
}

/** Notifies the page also when the outbox is empty, because the page shows the waiting orders. */
async function changed() {
  delay = FIRST_MS;
  tell();
  if (await outbox.isWaiting()) syncLater();
  else clearTimeout(timer);
}

function tell() {
  document.dispatchEvent(new CustomEvent('send-waiting'));
  clearTimeout(timer);
  timer = setTimeout(look, delay);
  delay = Math.min(SLOWEST_MS, delay * 2);
}

/** Lets the service worker send the orders once the network is back, even if no page is open. */
async function syncLater() {
  try {
    const {sync} = /** @type {any} */ (await navigator.serviceWorker.ready);
    await sync.register('outbox');
  } catch {
    // No background sync in this browser: a page must be open.
  }
}
