/**
 * Places orders through the API, for the page's worker and the service worker.
 *
 * @typedef {import('../lib/cart.js').Item} Item
 * @typedef {{id: string, customer: string, status: string, items: Item[], staff?: string, pickupName?: string,
 *   number?: number, total?: number, currency?: string, reason?: string, wait?: {ahead: number, seconds: number | null},
 *   restaurantId?: string | number, _createdAt: number, _updatedAt?: number, _filledAt?: number | null}} Order
 *   times in ms
 * @typedef {{id: string, items: Item[], pickupName?: string, customer?: string}} NewOrder
 */
import {statusOf} from './http.js';
import {callSignedIn, customer as signedIn} from './session.js';

/**
 * Places an order. The same id does not order twice, even if the order has been changed in the meantime.
 * @param {NewOrder} order `customer` rejects the order if another
 *   user has signed in; default: the signed-in user
 * @returns {Promise<Order>} as it is stored
 * @throws {import('./http.js').Failure}
 */
export async function sendOrder({id, items, pickupName, customer = signedIn()}) {
  try {
    return await callSignedIn('orders', {body: {id, items, customer, ...(pickupName && {pickupName})}}, customer);
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
    return callSignedIn(orderPath(customer, id), {}, customer).catch((unknown) => {
      throw statusOf(unknown) === 404 ? error : unknown;
    });
  }
}

/**
 * @param {string} customer
 * @param {string} id
 */
export const orderPath = (customer, id) => `orders/${encodeURIComponent(customer)}/${encodeURIComponent(id)}`;
