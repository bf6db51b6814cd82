const FIRST_MS = 500;
const SLOWEST_MS = 5000;
const GROWTH = 1.6;

/**
 * Asks again and again, ever more slowly, as long as the task says that there is more to come. Rests while the page
 * is hidden, and looks once when it is shown again. Never runs the task twice at the same time.
 */
export class Poller {
  #task;
  #on = false;
  #more = false;
  #busy = false;
  #round = 0;
  #delay = FIRST_MS;
  /** @type {number | undefined} */
  #timer;

  /** @param {() => Promise<boolean>} task says whether to go on; must not reject */
  constructor(task) {
    this.#task = task;
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.#timer);
      if (this.#on && !document.hidden) this.start();
    });
  }

  /** @param {number} [delay] ms until the first time */
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
    this.#delay = Math.min(SLOWEST_MS, Math.max(FIRST_MS, this.#delay * GROWTH));
    const more = await this.#task();
    this.#busy = false;
    // Started anew while the task ran: what it says is about an older state.
    if (round === this.#round) this.#more &&= more;
    this.#schedule();
  }
}
