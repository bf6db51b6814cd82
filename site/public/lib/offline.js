/** When it is time to send what waits in the outbox. */
import * as outbox from './outbox.js';

const FIRST_MS = 5_000;
const SLOWEST_MS = 300_000;

let delay = FIRST_MS;
/** @type {number | undefined} */
let timer;

/**
 * Says by `send-waiting` events on the document when to look at the outbox: when it was changed and, as long as
 * something waits in it, now, when the network is back, when the page is shown again, and else ever more slowly.
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

/** The page shows what waits, so it is told also when nothing does any more. */
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

/** Lets the service worker send it as soon as there is a network, also when no page is open then. */
async function syncLater() {
  try {
    const {sync} = /** @type {any} */ (await navigator.serviceWorker.ready);
    await sync.register('outbox');
  } catch {
    // This browser does no background sync: a page has to be open.
  }
}
