/**
 * Orders that were placed offline, kept in IndexedDB until the API has them.
 *
 * An order can reach the API even if the answer is lost, so it is sent until there is an answer, always with the same
 * ID: the API stores it once. All tabs and the service worker share the outbox; one sends at a time.
 *
 * @typedef {import('../api/client.js').WaitingOrder} WaitingOrder
 */
import {statusOf} from '../api/http.js';
import * as db from './db.js';

const STORE = 'orders';
const NAME = 'outbox'; // of the lock, and of the channel that announces changes
const REFUSALS = [400, 409, 413, 415];

/**
 * Resolves when the order is written to disk.
 * @param {Omit<WaitingOrder, 'state'>} order
 */
export async function keep({id, customer, items, placedAt}) {
  await db.put(STORE, id, {id, customer, items, placedAt, state: 'waiting'});
  changed();
}

/**
 * @param {string} customer
 * @returns {Promise<WaitingOrder[]>} oldest first, including refused orders
 */
export async function waiting(customer) {
  return (await all()).filter((order) => order.customer === customer).sort((a, b) => a.placedAt - b.placedAt);
}

/** @returns {Promise<boolean>} whether any customer's order is waiting */
export async function isWaiting() {
  return (await all()).some(({state}) => state === 'waiting');
}

/**
 * Drops an order, which is then no longer sent or shown.
 * @param {string} id
 */
export async function forget(id) {
  await db.remove(STORE, id);
  changed();
}

/**
 * Sends the customer's orders, oldest first. Refused orders are kept, with the reason.
 * @param {string} customer
 * @param {(order: WaitingOrder) => Promise<unknown>} send resolves when the API has the order, rejects with a `Failure`
 * @returns {Promise<void>} rejects with the error of `send` if the rest must wait: for the network, for a less busy
 *   API, or until the customer signs in again
 */
export async function flush(customer, send) {
  await navigator.locks.request(NAME, async () => {
    /** @type {unknown} */
    let held;
    for (const {id} of await waiting(customer)) {
      /** @type {WaitingOrder | undefined} */
      const order = await db.get(STORE, id); // undefined if it was dropped in the meantime
      if (order?.state !== 'waiting') continue;
      await sendOne(order, send).catch((error) => {
        // A firewall that holds back one order does not hold back the others.
        if (statusOf(error) !== 403) throw error;
        held = error;
      });
    }
    if (held) throw held;
  });
}

/**
 * Calls back when another tab, a worker or the service worker changes the outbox.
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
    const kept = await db.get(STORE, order.id); // undefined if the customer has signed out in the meantime
    if (kept) await db.put(STORE, order.id, {...order, state: 'refused', problem});
    changed();
    return;
  }
  await forget(order.id);
}

/**
 * Whether the API will always refuse an order. Other refusals come from something between here and the API, such as a
 * firewall or a hotel's network, or pass: 401, 429.
 * @param {number} status
 */
const isFinal = (status) => REFUSALS.includes(status);

/** @returns {Promise<WaitingOrder[]>} empty if storage is unavailable */
const all = () => db.all(STORE).catch(() => []);

function changed() {
  const channel = new BroadcastChannel(NAME);
  channel.postMessage(null);
  channel.close();
}
