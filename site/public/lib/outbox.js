/**
 * The orders that were placed without a network, in IndexedDB until the API has them.
 *
 * An order may reach the API although its answer does not reach us, so it is sent until there is an answer, always
 * with the same id: the API stores it once. All tabs and the service worker see the same outbox; one sends at a time.
 *
 * @typedef {import('../api/client.js').WaitingOrder} WaitingOrder
 */
import {statusOf} from '../api/http.js';
import * as db from './db.js';

const STORE = 'orders';
const NAME = 'outbox'; // of the lock, and of the channel on which changes are told
const SIGN_IN_AGAIN = 401;
const TOO_MANY = 429;

/**
 * Resolves when the order is safe on the disk.
 * @param {Omit<WaitingOrder, 'state'>} order
 */
export async function keep({id, customer, items, placedAt}) {
  await db.put(STORE, id, {id, customer, items, placedAt, state: 'waiting'});
  changed();
}

/**
 * @param {string} customer
 * @returns {Promise<WaitingOrder[]>} oldest first; those that the API refused as well
 */
export async function waiting(customer) {
  return (await all()).filter((order) => order.customer === customer).sort((a, b) => a.placedAt - b.placedAt);
}

/** @returns {Promise<boolean>} whether there is anything to send, whoever ordered it */
export async function isWaiting() {
  return (await all()).some(({state}) => state === 'waiting');
}

/**
 * Drops an order: it is not sent any more, or not shown any more.
 * @param {string} id
 */
export async function forget(id) {
  await db.remove(STORE, id);
  changed();
}

/**
 * Sends the customer's orders, oldest first. One that the API refuses is kept, with the reason.
 * @param {string} customer
 * @param {(order: WaitingOrder) => Promise<unknown>} send resolves when the API has the order, rejects with a `Failure`
 * @returns {Promise<void>} rejects with what `send` said when the rest has to wait: for the network, for a less busy
 *   API, or until the customer signs in again
 */
export async function flush(customer, send) {
  await navigator.locks.request(NAME, async () => {
    for (const {id} of await waiting(customer)) {
      /** @type {WaitingOrder | undefined} */
      const order = await db.get(STORE, id); // gone, if it was dropped while an earlier one was sent
      if (order?.state === 'waiting') await sendOne(order, send);
    }
  });
}

/**
 * Calls back when the outbox was changed: by another tab, a worker or the service worker.
 * @param {() => void} callback
 */
export function watch(callback) {
  new BroadcastChannel(NAME).addEventListener('message', callback);
}

/**
 * @param {WaitingOrder} order
 * @param {(order: WaitingOrder) => Promise<unknown>} send
 */
async function sendOne(order, send) {
  try {
    await send(order);
  } catch (error) {
    if (!isFinal(statusOf(error))) throw error;
    const {problem} = /** @type {import('../api/http.js').Failure} */ (error);
    const kept = await db.get(STORE, order.id); // not, if the customer signed out meanwhile
    if (kept) await db.put(STORE, order.id, {...order, state: 'refused', problem});
    changed();
    return;
  }
  await forget(order.id);
}

/** @param {number} status */
const isFinal = (status) => status >= 400 && status < 500 && status !== SIGN_IN_AGAIN && status !== TOO_MANY;

/** @returns {Promise<WaitingOrder[]>} none where nothing can be stored */
const all = () => db.all(STORE).catch(() => []);

function changed() {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(null);
  channel.close();
}
