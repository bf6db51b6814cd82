const FIRST_MS = 500;
const SLOWEST_MS = 5000;
const GROWTH = 1.6;

/**
 * Runs a task repeatedly, at growing intervals, as long as the task asks for more. Pauses while the page is hidden, and
 * runs once when it is shown again. Never runs the task twice at the same time.
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

  /** @param {() => Promise<boolean>} task resolves to whether to continue; must not reject */
  constructor(task) {
    this.#task = task;
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.#timer);
      if (this.#on && !document.hidden) this.start();
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
    this.#delay = Math.min(SLOWEST_MS, Math.max(FIRST_MS, this.#delay * GROWTH));
    const more = await this.#task();
    this.#busy = false;
    // If restarted while the task ran, its result is about an older state.
    if (round === this.#round) this.#more &&= more;
    this.#schedule();
  }
}
