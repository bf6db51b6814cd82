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
const TOO_MANY = 429; // the problem says what the order waits for

/**
 * Resolves when the order is written to disk.
 * @param {Omit<WaitingOrder, 'state'>} order
 */
export async function keep({id, customer, items, pickupName, placedAt}) {
  await db.put(STORE, id, {id, customer, items, pickupName, placedAt, state: 'waiting'});
  changed();
}

/**
 * Makes an order that is nobody's, or of a guest whose session is over, a customer's own.
 * @param {string} id
 * @param {string} customer
 * @param {string[]} customers whose orders stay theirs
 */
export async function adopt(id, customer, customers) {
  await navigator.locks.request(NAME, async () => {
    const order = await db.get(STORE, id); // undefined if it was sent or dropped in the meantime
    if (order && isKept(order, customers)) await db.put(STORE, id, {...order, customer});
  });
  changed();
}

/**
 * Returns the orders to show: the customers' own, and those that are nobody's, or of a guest whose session is over. The
 * latter are sent only when the customer says so, and have the state `kept` until then. While nobody is signed in, also
 * that an account's order is `held`, without what it is of: it waits until that customer signs in.
 * @param {string[]} customers
 * @returns {Promise<WaitingOrder[]>} oldest first
 */
export async function shown(customers) {
  return (await sorted()).flatMap((order) => {
    if (customers.includes(order.customer) || (isGuests(order) && order.state === 'refused')) return [order];
    if (isKept(order, customers)) return [{...order, state: /** @type {const} */ ('kept')}];
    const isHeld = order.state === 'waiting' && customers.every((customer) => isGuests({customer}));
    return isHeld ? [{...order, customer: '', items: [], state: /** @type {const} */ ('held')}] : [];
  });
}

/** @returns {Promise<WaitingOrder[]>} all orders, oldest first */
const sorted = async () => (await all()).sort((a, b) => a.placedAt - b.placedAt);

/**
 * @param {WaitingOrder} order
 * @param {string[]} customers
 */
const isKept = ({state, customer}, customers) =>
  state === 'waiting' && !customers.includes(customer) && isGuests({customer});

/** @param {{customer: string}} order */
const isGuests = ({customer}) => customer === '' || customer.startsWith('guest-');

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
 * Sends the customers' orders, oldest first. Refused orders are kept, with the reason.
 * @param {string[]} customers none of them ''
 * @param {(order: WaitingOrder) => Promise<unknown>} send resolves when the API has the order, rejects with a `Failure`
 * @returns {Promise<void>} rejects with the error of `send` if the rest must wait: for the network, for a less busy
 *   API, or until the customer signs in again
 */
export async function flush(customers, send) {
  await navigator.locks.request(NAME, async () => {
    /** @type {unknown} */
    let held;
    for (const {id} of (await sorted()).filter((order) => customers.includes(order.customer))) {
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
    const status = statusOf(error);
    if (!isFinal(status) && status !== TOO_MANY) throw error;
    const {problem} = /** @type {import('../api/http.js').Failure} */ (error);
    const kept = await db.get(STORE, order.id); // undefined if the customer has signed out in the meantime
    const state = status === TOO_MANY ? 'waiting' : 'refused';
    if (kept) await db.put(STORE, order.id, {...order, state, problem});
    if (status === TOO_MANY) throw error;
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
