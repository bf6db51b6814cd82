/**
 * Placing an order over the API, from the page's worker and from the service worker alike.
 *
 * @typedef {import('../lib/cart.js').Item} Item
 * @typedef {{id: string, customer: string, status: string, items: Item[], staff?: string,
 *   restaurantId?: string | number, _createdAt: number, _updatedAt?: number, _filledAt?: number | null}} Order
 *   times in ms
 */
import {statusOf} from './http.js';
import {callSignedIn, customer as signedIn} from './session.js';

/**
 * Places an order. The same id again does not order twice, also when somebody has changed what was ordered meanwhile.
 * @param {{id: string, items: Item[], customer?: string}} order said with it, so that nothing is ordered for whoever
 *   has signed in since; by default, who is signed in
 * @returns {Promise<Order>} as it is stored
 * @throws {import('./http.js').Failure}
 */
export async function sendOrder({id, items, customer = signedIn()}) {
  try {
    return await callSignedIn('orders', {body: {id, items, customer}});
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
    return callSignedIn(orderPath(customer, id)).catch((unknown) => {
      throw statusOf(unknown) === 404 ? error : unknown;
    });
  }
}

/**
 * @param {string} customer
 * @param {string} id
 */
export const orderPath = (customer, id) => `orders/${encodeURIComponent(customer)}/${encodeURIComponent(id)}`;
