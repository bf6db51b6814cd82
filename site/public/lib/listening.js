/** @typedef {import('../api/live.js').State} State */
/** @typedef {import('../api/live.js').Heard} Heard */
/** @typedef {import('../api/live.js').News} News */

const HIDDEN_MS = 60_000; // how long a hidden page still hears

/** The part of the page that wants to hear also while the page is hidden. */
export const EVEN_HIDDEN = 'even hidden';

/**
 * Live updates on a page. Sends `state` events with a {@link State}, `heard` events with a {@link Heard}, and `news` events
 * with {@link News}. The
 * connection ends while no part of the page wants to hear, and while the page is hidden for long.
 */
export class Listening extends EventTarget {
  /** @type {State} */
  state = {state: 'off', at: 0};
  /** @type {Set<string>} the parts of the page that want to hear */
  #wishes = new Set();
  /** @type {number | undefined} */
  #timer;
  #on = false;
  #listen;

  /** @param {(wanted: boolean) => void} listen tells the worker whether anybody wants to hear */
  constructor(listen) {
    super();
    this.#listen = listen;
    for (const event of ['visibilitychange', 'resume']) document.addEventListener(event, () => this.#turn());
    for (const event of ['online', 'offline']) window.addEventListener(event, () => this.#turn());
  }

  get isLive() {
    return this.state.state === 'live';
  }

  /**
   * @param {string} part of the page
   * @param {boolean} wanted
   */
  want(part, wanted) {
    if (wanted === this.#wishes.has(part)) return;
    if (wanted) this.#wishes.add(part);
    else this.#wishes.delete(part);
    this.#turn();
  }

  #turn() {
    clearTimeout(this.#timer);
    if (this.#wishes.size === 0) this.#stop();
    else if (document.hidden && !this.#wishes.has(EVEN_HIDDEN)) this.#timer = setTimeout(() => this.#stop(), HIDDEN_MS);
    else this.#start();
  }

  #start() {
    this.#on = true;
    this.#listen(true);
  }

  #stop() {
    if (this.#on) this.#listen(false);
    this.#on = false;
  }

  /** @param {State | Heard | News} message from the worker */
  receive(message) {
    if ('state' in message) {
      this.state = message;
      this.dispatchEvent(new CustomEvent('state', {detail: message}));
    } else {
      this.dispatchEvent(new CustomEvent('order' in message ? 'heard' : 'news', {detail: message}));
    }
  }
}
