export const LIVE_FIRST_MS = 1500; // how long a first request waits for live updates
const FIRST_MS = 2000;
const SLOWEST_MS = 60_000;
const CHECK_MS = 240_000; // less than the five minutes for which a photo's URL is valid

/** @typedef {'done' | 'more' | 'failed'} Outcome `more`: something can still change */

/**
 * Runs a task when live updates have begun, as some may have been missed, and seldom while they last, as some can get
 * lost. Without live updates, and after a failure, it runs the task at growing intervals. It stops when nothing can
 * change any more, and pauses while the page is hidden. Never runs the task twice at the same time.
 */
export class Poller {
  #task;
  #live;
  #on = false;
  #more = false;
  #busy = false;
  #asked = false; // a run was asked for and has not begun
  #round = 0;
  #delay = FIRST_MS;
  #due = 0;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {() => Promise<Outcome>} task must not reject
   * @param {import('./listening.js').Listening} live
   */
  constructor(task, live) {
    this.#task = task;
    this.#live = live;
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && this.#on && !live.isLive) this.start();
      else this.#arm();
    });
    let wasLive = false;
    live.addEventListener('state', () => {
      if (this.#on && live.isLive) this.start(0);
      else if (this.#more && wasLive) this.start();
      wasLive = live.isLive;
    });
  }

  /** @param {number} [delay] ms until the first run */
  start(delay = FIRST_MS) {
    this.#asked = true;
    this.#begin(delay);
  }

  /** Continues, if it has stopped because nothing could change any more. */
  keep() {
    if (!this.#more) this.#begin(this.#live.isLive ? CHECK_MS : FIRST_MS);
  }

  /**
   * Stops until live updates begin anew, or until `keep`: nothing can change any more. A run that was asked for still
   * takes place, as the answer that nothing can change can be from before.
   */
  rest() {
    if (this.#asked) return;
    this.#more = false;
    this.#round += 1;
    clearTimeout(this.#timer);
  }

  stop() {
    this.#on = this.#more = this.#asked = false;
    clearTimeout(this.#timer);
  }

  /** @param {number} delay */
  #begin(delay) {
    this.#on = this.#more = true;
    this.#round += 1;
    this.#schedule(delay);
  }

  /** @param {number} delay */
  #schedule(delay) {
    this.#delay = delay;
    this.#due = Date.now() + delay;
    this.#arm();
  }

  #arm() {
    clearTimeout(this.#timer);
    const wait = Math.max(0, this.#due - Date.now());
    if (this.#more && !this.#busy && !document.hidden) this.#timer = setTimeout(() => this.#run(), wait);
  }

  async #run() {
    const round = this.#round;
    this.#asked = false;
    this.#busy = true;
    const outcome = await this.#task();
    this.#busy = false;
    if (round !== this.#round) {
      this.#arm(); // restarted while the task ran: its result is about an older state
      return;
    }
    this.#more &&= outcome !== 'done';
    const seldom = this.#live.isLive && outcome !== 'failed';
    // A check's long interval does not count for the next failure.
    const last = this.#delay < CHECK_MS ? this.#delay : 0;
    this.#schedule(seldom ? CHECK_MS : Math.min(SLOWEST_MS, Math.max(FIRST_MS, last * 2)));
  }
}
