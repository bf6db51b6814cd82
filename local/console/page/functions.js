/** Functions: what each did, its last failure, and a way to call it. */

import {recordAddress} from './details.js';
import {button, change, clock, duration, h, pretty, read, say} from './lib.js';

const FIGURES = new Set(['Calls', 'Last minute', 'Errors', 'Cold starts', 'p50', 'p95']);

export class Functions {
  /** @param {string} chosen the function that is called from here, if any, with the record of its event: `name@7` */
  constructor(chosen) {
    const [module, record] = chosen.split('@');
    this.module = module;
    this.record = record;
    this.shown = '';
    this.table = h('div', {class: 'wide'});
    this.failures = h('div', {});
    this.element = h(
      'div',
      {class: 'functions'},
      h('h1', {}, 'Functions'),
      module ? this.caller() : h('p', {class: 'note'}, 'Choose a function to call it with an event of your own.'),
      this.failures,
      this.table,
    );
  }

  async refresh() {
    const functions = await read('functions');
    const shown = JSON.stringify(functions);
    if (shown === this.shown) return;
    this.shown = shown;
    this.failures.replaceChildren(...functions.filter((/** @type {any} */ it) => it.failure).map(failure));
    const titles = ['Function', 'Calls', 'Last minute', 'Errors', 'Cold starts', 'p50', 'p95', 'Last calls'];
    this.table.replaceChildren(
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            titles.map((title) => h('th', {scope: 'col', class: FIGURES.has(title) && 'figure'}, title)),
          ),
        ),
        h('tbody', {}, functions.map(row)),
      ),
    );
  }

  caller() {
    const event = /** @type {HTMLTextAreaElement} */ (
      h('textarea', {id: 'event', rows: '10', spellcheck: 'false'}, '{}')
    );
    const result = h('pre', {tabindex: '0', hidden: true});
    void this.fill(event);
    const call = button(
      'Invoke',
      async () => {
        const answer = await change('invoke', {function: this.module, event: parsed(event.value)});
        result.hidden = false;
        result.textContent = [answer.error, answer.log, pretty(answer.returned)].filter(Boolean).join('\n\n');
        say(answer.error ? `${this.module} failed` : `${this.module} returned`);
      },
      {class: 'main'},
    );
    return h(
      'section',
      {class: 'caller'},
      h('h2', {}, this.module),
      h('label', {for: 'event'}, 'Event (JSON)'),
      event,
      call,
      result,
    );
  }

  /** The event of the record in the address, to be edited. @param {HTMLTextAreaElement} event */
  async fill(event) {
    try {
      if (this.record) event.value = pretty((await read(`records/${this.record}`)).request);
    } catch (error) {
      say(/** @type {Error} */ (error).message);
    }
  }
}

/** @param {string} text */
const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The event is not JSON: ${/** @type {Error} */ (error).message}`, {cause: error});
  }
};

/** @param {any} it */
const failure = (it) =>
  h(
    'section',
    {class: 'failure'},
    h('h2', {}, `${it.module} failed`),
    h('p', {class: 'error'}, it.failure.error),
    it.failure.position && h('p', {}, 'at ', h('code', {}, it.failure.position)),
    it.failure.traceback && h('pre', {tabindex: '0'}, it.failure.traceback),
    h('p', {class: 'note'}, clock(it.failure.at), ' · ', h('a', {href: recordAddress(it.failure.id)}, 'the call')),
  );

/** @param {any} it */
const row = (it) =>
  h(
    'tr',
    {class: it.errors ? 'failed' : ''},
    h('td', {}, h('a', {href: `#/functions/${it.module}`}, it.module)),
    ...[it.count, it.lastMinute, it.errors, it.cold, duration(it.p50), duration(it.p95)].map((value) =>
      h('td', {class: 'figure'}, value),
    ),
    h(
      'td',
      {class: 'calls'},
      it.calls.slice(0, 10).map((/** @type {any} */ call) =>
        h(
          'a',
          {
            href: recordAddress(call.id),
            class: call.error ? 'failed' : '',
            'aria-label': `${it.module}, ${clock(call.at)}`,
          },
          call.error ? '✕' : '●',
        ),
      ),
    ),
  );
