/** Permissions: what each function was granted, what it used, and what it lacked. */

import {recordAddress, statementOf} from './details.js';
import {h, read} from './lib.js';

export class Permissions {
  constructor() {
    this.shown = '';
    this.content = h('div', {});
    this.element = h(
      'div',
      {class: 'permissions'},
      h('h1', {}, 'Permissions'),
      h(
        'p',
        {class: 'note'},
        'What IAM was asked, as far as it is recorded. Grants that nothing has used yet are marked. Those for logs, traces and event sources are used by Lambda itself.',
      ),
      this.content,
    );
  }

  async refresh() {
    const functions = await read('permissions');
    const shown = JSON.stringify(functions);
    if (shown === this.shown) return;
    this.shown = shown;
    const before = new Map([...this.content.querySelectorAll('details')].map((it) => [it.id, it]));
    this.content.replaceChildren(
      ...functions.map((/** @type {any} */ it) => {
        const old = before.get(it.id);
        const wasDenied = old?.classList.contains('failed');
        const isOpen = it.denied.length > 0 && !wasDenied ? true : Boolean(old?.open);
        return section(it, isOpen);
      }),
    );
  }
}

/** @param {any} it @param {boolean} isOpen */
const section = (it, isOpen) => {
  const unused = it.grants.filter((/** @type {any} */ grant) => isUnused(grant)).length;
  const summary = [
    `${it.grants.length} grants`,
    `${unused} not used`,
    it.denied.length && `${it.denied.length} denied`,
  ];
  return h(
    'details',
    {id: it.id, open: isOpen, class: it.denied.length ? 'failed' : ''},
    h('summary', {}, it.function, ' ', h('span', {class: 'note'}, summary.filter(Boolean).join(', '))),
    it.denied.map(denial),
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ['Action', 'Resource', 'Used'].map((title) => h('th', {scope: 'col'}, title)),
        ),
      ),
      h('tbody', {}, it.grants.map(grantRow)),
    ),
  );
};

/** @param {any} it */
const denial = (it) =>
  h(
    'section',
    {class: 'verdict denied'},
    h('h2', {}, `Denied ${it.times === 1 ? 'once' : `${it.times} times`}: ${it.action}`),
    h('p', {class: 'note'}, it.resource),
    h('p', {}, it.advice),
    it.line && h('pre', {tabindex: '0'}, it.line),
    it.statement && h('pre', {tabindex: '0'}, JSON.stringify(statementOf(it.statement), null, 2)),
    h(
      'p',
      {class: 'note'},
      it.records.map((/** @type {number} */ id) => [h('a', {href: recordAddress(id)}, `call ${id}`), ' ']).flat(),
    ),
  );

/** @param {any} it */
const isUnused = (it) => !it.used && !it.isLambdas;

/** @param {any} it */
const grantRow = (it) =>
  h(
    'tr',
    {class: isUnused(it) && 'unused'},
    h('td', {}, it.action),
    h('td', {}, it.resource),
    h('td', {class: 'figure'}, it.isLambdas ? 'by Lambda' : it.used || 'not used'),
  );
