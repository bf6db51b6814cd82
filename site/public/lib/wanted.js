/**
 * The order that the page has promised to send after the sign-in. The tab remembers it over a reload and Cognito's
 * hosted pages, until the order is placed or the cart changes.
 */
const KEY = 'caffe-wanted'; // app.js looks for it, too

/** @typedef {{id: string, pickupName?: string}} Wanted */

/** @type {Wanted | null} where storage is blocked: the promise lasts as long as the page */
let unstored = null;

/** @param {Wanted | null} order null: nothing any more */
export function want(order) {
  unstored = order;
  try {
    if (order) sessionStorage.setItem(KEY, JSON.stringify(order));
    else sessionStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}

/** @returns {Wanted | null} */
export function wanted() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') ?? unstored;
  } catch {
    return unstored;
  }
}
