const FIRST_MS = 2000;
const SLOWEST_MS = 60_000;
const CHECK_MS = 240_000; // less than the five minutes for which a photo's URL is valid

/**
 * Runs a task when live updates have begun, as some may have been missed, and seldom while they last, as some can get
 * lost. Without live updates, it runs the task repeatedly, at growing intervals. It stops when the task asks for no
 * more, pauses while the page is hidden, and runs the task once when it is shown again. Never runs the task twice at
 * the same time.
 */
export class Poller {
  #task;
  #live;
  #on = false;
  #more = false;
  #busy = false;
  #round = 0;
  #delay = FIRST_MS;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {() => Promise<boolean>} task resolves to whether to continue; must not reject
   * @param {import('./listening.js').Listening} live
   */
  constructor(task, live) {
    this.#task = task;
    this.#live = live;
    document.addEventListener('visibilitychange', () => {
      if (live.isLive) this.#schedule();
      else if (this.#on && !document.hidden) this.start();
      else clearTimeout(this.#timer);
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
    this.#on = this.#more = true;
    this.#round += 1;
    this.#delay = delay;
    this.#schedule();
  }

  stop() {
    this.#on = this.#more = false;
    clearTimeout(this.#timer);
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (this.#more && !this.#busy && !document.hidden) this.#timer = setTimeout(() => this.#run(), this.#delay);
  }

  async #run() {
    const round = this.#round;
    this.#busy = true;
    this.#delay = this.#live.isLive ? CHECK_MS : Math.min(SLOWEST_MS, Math.max(FIRST_MS, this.#delay * 2));
    const more = await this.#task();
    this.#busy = false;
    // If restarted while the task ran, its result is about an older state.
    if (round === this.#round) this.#more &&= more;
    this.#schedule();
  }
}
