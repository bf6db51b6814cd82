/** Data: tables, queues, mail and people, and what can be done with dead letters. */

import {button, change, h, pretty, read, say} from './lib.js';

export class Data {
  constructor() {
    /** @type {Map<string, string>} */
    this.shown = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.sections = new Map();
    this.content = h('div', {class: 'data'});
    this.opened = h('section', {class: 'opened', tabindex: '-1', hidden: true});
    this.element = h('div', {}, h('h1', {}, 'Data'), this.opened, this.content);
    /** @type {(() => Promise<void>) | null} */
    this.reopen = null;
  }

  async refresh() {
    const data = await read('data');
    this.draw('Queues', data.queues, (it) => this.queue(it));
    this.draw('Tables', data.tables, (it) => this.table(it));
    this.draw('Mail', data.mails, mail);
    this.draw('People', data.people, person);
    try {
      await this.reopen?.();
    } catch (error) {
      this.reopen = null;
      this.opened.replaceChildren(h('p', {class: 'error'}, /** @type {Error} */ (error).message));
    }
  }

  /** Draws a section again if it has changed: others keep what is open. @param {string} title @param {any[]} items @param {(it: any) => HTMLElement} row */
  draw(title, items, row) {
    const text = JSON.stringify(items);
    if (this.shown.get(title) === text) return;
    this.shown.set(title, text);
    const made = section(title, items.map(row));
    const old = this.sections.get(title);
    this.sections.set(title, made);
    if (old) old.replaceWith(made);
    else this.content.append(made);
  }

  /** @param {any} it */
  table(it) {
    const open = () =>
      this.open(it.label, async () => {
        const items = await read(`items?table=${encodeURIComponent(it.name)}`);
        return items.length ? items.map((/** @type {string} */ item) => h('pre', {tabindex: '0'}, item)) : [nothing()];
      });
    return h('li', {}, button(it.label, open, {class: 'quiet'}), h('span', {class: 'note'}, `${it.items} items`));
  }

  /** @param {any} it */
  queue(it) {
    const open = () =>
      this.open(it.label, async () => {
        const messages = await read(`messages?queue=${encodeURIComponent(it.url)}`);
        return messages.length ? messages.map((/** @type {any} */ message) => this.message(it, message)) : [nothing()];
      });
    const has = Boolean(it.deadLetters && it.waiting + it.inFlight);
    const redrive = () => this.operate('redrive', {queue: it.deadLetters});
    return h(
      'li',
      {class: has ? 'failed' : ''},
      button(it.label, open, {class: 'quiet'}),
      h('span', {class: 'note'}, `${it.waiting} waiting, ${it.inFlight} in flight`),
      has && button('Redrive', redrive, {'aria-label': `Redrive ${it.label}`}),
    );
  }

  /** @param {any} queue @param {any} it */
  message(queue, it) {
    const discard = () => this.operate('discard', {queue: queue.deadLetters, id: it.id});
    return h(
      'article',
      {},
      h('p', {class: 'note'}, `${it.id} · received ${it.received} times`),
      it.why && h('p', {class: 'error'}, it.why),
      h('pre', {tabindex: '0'}, pretty(it.body)),
      queue.deadLetters && button('Discard', discard, {'aria-label': `Discard ${it.id}`}),
    );
  }

  /** @param {string} title @param {() => Promise<HTMLElement[]>} content */
  async open(title, content) {
    let drawn = '';
    const show = async () => {
      const parts = await content();
      const text = parts.map((part) => part.textContent).join('\n');
      if (this.reopen !== show || text === drawn) return; // another was chosen, or nothing is new
      drawn = text;
      this.opened.replaceChildren(h('h2', {}, title), ...parts);
    };
    this.reopen = show;
    await show();
    this.opened.hidden = false;
    this.opened.focus();
  }

  /** @param {string} name @param {object} what */
  async operate(name, what) {
    say('…');
    const answer = await change(name, what);
    say(answer.said);
    await this.refresh();
  }
}

const nothing = () => h('p', {class: 'empty'}, 'Empty.');

/** @param {string} title @param {HTMLElement[]} items */
const section = (title, items) => h('section', {}, h('h2', {}, title), items.length ? h('ul', {}, items) : nothing());

/** @param {any} it */
const mail = (it) =>
  h('li', {}, h('details', {}, h('summary', {}, `${it.subject} · ${it.to}`), h('pre', {tabindex: '0'}, it.text)));

/** @param {any} it */
const person = (it) => h('li', {}, `${it.email || it.name} `, h('span', {class: 'note'}, `${it.name} · ${it.status}`));
