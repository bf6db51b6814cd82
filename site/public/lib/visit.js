import {texts} from '../texts.js';

/** A customer's visits, from a sign-in to its end. What belongs to an earlier visit no longer counts. */
export class Visit {
  /** Counts the begins and ends of visits. */
  number = 0;
  /** Whether somebody visits, with an account or as a guest. */
  on = false;
  #over;

  /** @param {() => void} over ends the visit when the API no longer accepts the tokens */
  constructor(over) {
    this.#over = over;
  }

  begin() {
    this.number += 1;
    this.on = true;
  }

  end() {
    this.number += 1;
    this.on = false;
  }

  /**
   * Runs a step, then the function that it returns, unless the visit has changed.
   * @param {() => Promise<() => void>} step
   * @param {(why: string) => void} failed
   */
  async try(step, failed) {
    const {number} = this;
    try {
      const done = await step();
      if (number === this.number) done();
    } catch (error) {
      if (number !== this.number) return;
      if (isOver(error)) this.#over();
      else failed(messageOf(error));
    }
  }
}

/**
 * A 401 ends the visit: the customer signs in again, finds the cart unchanged, and continues.
 * @param {unknown} error
 */
export const isOver = (error) => /** @type {{status?: number}} */ (error).status === 401;

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : texts.failed);
