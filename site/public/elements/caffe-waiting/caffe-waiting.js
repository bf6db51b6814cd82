import {addStyles, find, html, render, sync} from '../../lib/dom.js';
import {chime} from '../../lib/sound.js';
import {texts} from '../../texts.js';

/** @typedef {import('../../api/client.js').Order} Order */

const WAITS = ['created', 'accepted', 'ready'];
const MOST = 3; // orders that are shown

/** The numbers of the user's open orders, how long they take, and a signal when one is ready. */
export class CaffeWaiting extends HTMLElement {
  /** @type {Map<string, string>} the statuses shown before, by ID */
  #before = new Map();

  connectedCallback() {
    addStyles('/elements/caffe-waiting/caffe-waiting.css');
    render(this, html`<h2 class="hidden" tabindex="-1"></h2><div class="numbers"></div>
      <button class="tell" hidden>${texts.tellMe}</button>`);
    find(this, '.tell').addEventListener('click', async () => {
      await Notification.requestPermission();
      this.#offerToTell();
      find(this, 'h2').focus();
    });
  }

  /**
   * @param {Order[]} orders the user's, newest first
   * @param {Map<string, Order['wait']>} waits what is known about their waits, by ID
   */
  show(orders, waits) {
    const open = orders.filter(({number, status}) => number !== undefined && WAITS.includes(status))
      .sort((a, b) => Number(b.status === 'ready') - Number(a.status === 'ready'));
    this.hidden = open.length === 0;
    sync(find(this, '.numbers'), open.slice(0, MOST), ({id}) => id, 'article', (card, order) =>
      drawCard(card, order, waits.get(order.id)));
    const ready = open.filter(({status}) => status === 'ready');
    find(this, 'h2').textContent = texts.waitingTitle(open.map(({number}) => number));
    // Not while the board or a display is shown.
    if (!this.closest('main')?.hidden) document.title = ready.length ? texts.readyTitle(ready[0].number) : texts.title;
    for (const order of ready) {
      if ((this.#before.get(order.id) ?? 'ready') !== 'ready') this.#signal(order);
    }
    this.#before = new Map(open.map(({id, status}) => [id, status]));
    this.#offerToTell();
  }

  /** Goes to the numbers. */
  focusNumber() {
    scrollTo({top: 0});
    find(this, 'h2').focus({preventScroll: true});
  }

  /** Offers a notification only here, where it is of use. */
  #offerToTell() {
    const waits = [...this.#before.values()].some((status) => status !== 'ready');
    find(this, '.tell').hidden = !waits || !('Notification' in window) || Notification.permission !== 'default';
  }

  /** @param {Order} order that has become ready */
  #signal({id, number}) {
    chime();
    // eslint-disable-next-line compat/compat -- Safari does without
    navigator.vibrate?.([200, 100, 200]);
    if (!document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
    const text = texts.nowIs(number, 'ready');
    // Phones show only notifications of a service worker.
    navigator.serviceWorker?.ready.then((worker) => worker.showNotification(text, {tag: id})).catch(() => {});
  }
}

/**
 * @param {HTMLElement} card
 * @param {Order} order
 * @param {Order['wait']} wait
 */
function drawCard(card, {number, status, pickupName}, wait) {
  const [word, hint] = texts.status[status];
  const text = status === 'ready' ? hint : [hint, wait && texts.wait(wait)].filter(Boolean).join(' ');
  card.setAttribute('status', status);
  card.setAttribute('aria-label', texts.orderName(number));
  const markup = html`
    <p class="label">${texts.yourNumber}</p>
    <p class="number">${number}</p>
    ${pickupName && html`<p class="name">${pickupName}</p>`}
    <p class="status">${word}</p>
    <span class="steps" aria-hidden="true"><i></i><i></i><i></i><i></i></span>
    <p class="hint">${text}</p>`;
  if (card.dataset.drawn === String(markup)) return;
  card.dataset.drawn = String(markup);
  render(card, markup);
}
