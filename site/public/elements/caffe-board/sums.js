import {keyOf} from '../../lib/cart.js';
import {html, render} from '../../lib/dom.js';

const MOST = 8; // sums that are shown

/**
 * Shows how many of each item several orders have: they are made together.
 * @param {Element} place
 * @param {import('../../api/orders.js').Order[]} orders
 */
export function drawSums(place, orders) {
  /** @type {Map<string, {item: import('../../lib/cart.js').Item, qty: number, orders: number}>} */
  const sums = new Map();
  for (const item of orders.flatMap(({items}) => items)) {
    const sum = sums.get(keyOf(item)) ?? {item, qty: 0, orders: 0};
    sums.set(keyOf(item), {item, qty: sum.qty + item.qty, orders: sum.orders + 1});
  }
  const several = [...sums.values()].filter((sum) => sum.orders > 1).sort((a, b) => b.qty - a.qty);
  render(place, html`${several.slice(0, MOST).map(({item, qty}) => html`
    <li><b>${qty} ×</b> ${[item.name, ...(item.options ?? []), item.note].filter(Boolean).join(', ')}</li>`)}`);
}
