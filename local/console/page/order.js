/** One order: a waterfall of all that touched it. */

import {recordAddress} from './details.js';
import {clock, duration, h, read, svg} from './lib.js';

/** @typedef {{id: number, kind: string, title: string, at: number, ms: number, waited: number, depth: number, is_ok: boolean, is_cold: boolean, status: number, denied: string, error: string}} Row */

/** Waits shorter than this are not worth a word. */
const WAIT_MS = 5;

export class Order {
  /** @param {string} order customer and ID */
  constructor(order) {
    const end = order.lastIndexOf('/');
    this.customer = order.slice(0, Math.max(end, 0));
    this.order = order.slice(end + 1);
    this.content = h('div', {});
    this.shown = '';
    this.element = h('div', {class: 'one-order'}, this.content);
  }

  async refresh() {
    const content = await read(
      this.order ? `order?${new URLSearchParams({customer: this.customer, id: this.order})}` : 'orders',
    );
    const shown = JSON.stringify(content);
    if (shown === this.shown) return;
    this.shown = shown;
    this.content.replaceChildren(...(this.order ? this.waterfall(content) : this.list(content)));
  }

  /** @param {{id: string, customer: string, status: string, at: number}[]} orders */
  list(orders) {
    if (!orders.length)
      return [h('h1', {}, 'One order'), h('p', {class: 'empty'}, 'No order yet. Place one in the café.')];
    const rows = orders.map((order) =>
      h(
        'tr',
        {},
        h('td', {}, h('a', {href: `#/order/${encodeURIComponent(`${order.customer}/${order.id}`)}`}, order.id)),
        h('td', {}, order.customer),
        h('td', {}, order.status),
        h('td', {class: 'figure'}, clock(order.at)),
      ),
    );
    const head = ['Order', 'Customer', 'Status', 'Last change'].map((title) => h('th', {scope: 'col'}, title));
    return [
      h('h1', {}, 'One order'),
      h('p', {class: 'note'}, 'Choose an order to see everything that it passed through.'),
      h('table', {}, h('thead', {}, h('tr', {}, head)), h('tbody', {}, rows)),
    ];
  }

  /** @param {Row[]} rows */
  waterfall(rows) {
    const back = h('a', {href: '#/order'}, 'All orders');
    const title = h('h1', {}, `Order ${this.order}`);
    if (!rows.length) return [back, title, h('p', {class: 'empty'}, 'No record of this order is left.')];
    const end = Math.max(...rows.map((row) => row.at + row.ms), 1);
    // What was denied explains what failed because of it.
    const failed = rows.filter((row) => !row.is_ok).sort((a, b) => Number(!a.denied) - Number(!b.denied));
    return [
      back,
      title,
      h(
        'p',
        {class: 'note'},
        `${rows.length} steps in ${duration(end)}. The lighter part of a bar is how long it waited.`,
      ),
      ...failed.slice(0, 5).map((row) => this.reason(row)),
      h(
        'ol',
        {class: 'waterfall'},
        rows.map((row) => this.row(row, end)),
      ),
    ];
  }

  /** @param {Row} row */
  reason(row) {
    const why = row.denied ? `IAM denied ${row.denied}` : row.error || `status ${row.status}`;
    return h('p', {class: 'error'}, h('a', {href: recordAddress(row.id)}, row.title), `: ${why}`);
  }

  /** @param {Row} row @param {number} end */
  row(row, end) {
    const scale = 100 / end;
    const notes = [
      row.waited >= WAIT_MS && `waited ${duration(row.waited)}`,
      row.ms && duration(row.ms),
      row.is_cold && 'cold start',
      row.status && row.status >= 400 && `status ${row.status}`,
      row.denied && `denied: ${row.denied}`,
    ].filter(Boolean);
    const bar = svg(
      'svg',
      {class: 'bar-of', viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true'},
      svg('rect', {class: 'waited', x: (row.at - row.waited) * scale, width: row.waited * scale, y: 3, height: 4}),
      svg('rect', {class: 'busy', x: row.at * scale, width: Math.max(row.ms * scale, 0.4), y: 1, height: 8}),
    );
    const link = h('a', {href: recordAddress(row.id)}, row.title);
    const label = h('div', {class: 'label'}, h('span', {class: 'kind-of'}, row.kind), link);
    label.style.setProperty('--depth', String(Math.min(row.depth, 12)));
    return h(
      'li',
      {class: row.is_ok ? '' : 'failed', 'data-kind': row.kind, 'data-record': row.id},
      label,
      bar,
      h('span', {class: 'note'}, notes.join(' · ')),
    );
  }
}
