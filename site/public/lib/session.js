import {Store} from './store.js';

/** Who is signed in, as far as the page may know: the tokens stay in the worker. */
export class Session extends Store {
  #username = '';

  /** The e-mail address of who is signed in, or ''. */
  get username() {
    return this.#username;
  }

  set username(username) {
    this.#username = username;
    this.changed();
  }
}
