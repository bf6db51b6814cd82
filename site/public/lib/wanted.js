/**
 * The order that the page has promised to send after the sign-in. The tab remembers it over a reload and Cognito's
 * hosted pages, until the order is placed or the cart changes.
 */
const KEY = 'caffe-wanted'; // app.js looks for it, too

/** @typedef {{id: string, pickupName?: string}} Wanted */

/** @param {Wanted | null} order null: nothing any more */
export function want(order) {
  try {
    if (order) sessionStorage.setItem(KEY, JSON.stringify(order));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage is blocked: the promise lasts as long as the page.
  }
}

/** @returns {Wanted | null} */
export function wanted() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
  } catch {
    return null;
  }
}
