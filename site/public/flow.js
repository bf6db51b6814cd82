import {ApiClient} from './api/client.js';
import {CaffeOrderHistory} from './elements/caffe-order-history/caffe-order-history.js';
import {CaffeOrderHistoryItem} from './elements/caffe-order-history-item/caffe-order-history-item.js';
import {CaffeSignIn} from './elements/caffe-sign-in/caffe-sign-in.js';
import {find, say} from './lib/dom.js';
import {watchOutbox} from './lib/offline.js';
import {Ordering} from './lib/ordering.js';
import {texts} from './texts.js';

customElements.define('caffe-order-history-item', CaffeOrderHistoryItem);
customElements.define('caffe-order-history', CaffeOrderHistory);
customElements.define('caffe-sign-in', CaffeSignIn);

/** @typedef {import('./api/client.js').Who} Who */
/** @typedef {import('./elements/caffe-board/caffe-board.js').CaffeBoard} CaffeBoard */

const SURE_MS = 15_000; // how long a warning counts as read

/**
 * Who is signed in, and what hangs on that: orders, and the board. Who only looks at the menu does not need it, so the
 * page loads it when it is first used.
 */
export class Flow {
  #api = new ApiClient();
  /** Tells the other tabs that somebody signed out. */
  #tabs = new BroadcastChannel('caffe');
  /** @type {Who | null} */
  #who = null;
  #stay = false;
  #hosted = false;
  #warned = false;
  /** @type {(() => void) | undefined} what somebody wanted to do when they were asked to sign in */
  #then;
  /** @type {CaffeBoard | undefined} */
  #board;
  #views;
  #kept;

  /**
   * @param {import('./lib/cart.js').Cart} cart
   * @param {import('./app.js').Views} views
   * @param {import('./app.js').Stay} kept
   */
  constructor(cart, views, kept) {
    this.#views = views;
    this.#kept = kept;
    this.orders = new Ordering(this.#api, cart, views, (why, then) => this.#needSignIn(why, then));
    this.#tabs.addEventListener('message', () => this.#who && this.#leave());
    const {signIn} = views;
    signIn.addEventListener('sign-in', (event) => this.#signIn(/** @type {CustomEvent} */ (event).detail));
    signIn.addEventListener('answer-challenge', (event) => this.#answer(/** @type {CustomEvent} */ (event).detail));
    signIn.addEventListener('sign-in-hosted', (event) => this.#goHosted(/** @type {CustomEvent} */ (event).detail));
    signIn.addEventListener('sign-in-closed', () => (this.#then = undefined));
    watchOutbox();
  }

  /** Goes on where somebody stayed signed in. It needs no network. */
  async resume() {
    this.#hosted = this.#kept.how === 'hosted';
    this.#stay = true;
    const who = await this.#api.resume();
    if (who) this.#enter(who);
    else this.#kept.how = '';
  }

  /** Comes back from Cognito's hosted page. */
  async arrive() {
    const hosted = await load(() => import('./lib/hosted.js'));
    if (!hosted) return;
    const proof = hosted.arrive();
    if (!proof) {
      this.#views.signIn.fail(texts.notStartedHere);
      return;
    }
    this.#stay = proof.stay;
    this.#hosted = true;
    await this.#step(() => this.#api.signInByCode(proof));
    if (location.hash === '#board') await this.showBoard();
  }

  /** Somebody wants to sign in. */
  askSignIn() {
    this.#needSignIn(texts.signInWhy);
  }

  /** The API does not take the tokens any more. The cart, and what waits to be sent, stay. */
  sessionOver() {
    this.#needSignIn(texts.sessionOver);
  }

  /** Revokes and forgets. An order that is not sent yet would be gone: then it takes a second time. */
  async signOut() {
    if (this.orders.unsent && !this.#warned) {
      this.#warned = true;
      setTimeout(() => (this.#warned = false), SURE_MS);
      say(texts.unsentWarning(this.orders.unsent));
      return;
    }
    this.#tabs.postMessage('signed-out');
    await this.#leave();
    if (this.#hosted) await (await load(() => import('./lib/hosted.js')))?.endSession().catch(() => {});
  }

  /** Shows the staff's side; it says itself who may see it. */
  async showBoard() {
    const module = await load(() => import('./elements/caffe-board/caffe-board.js'));
    if (!module || location.hash !== '#board') return;
    if (!customElements.get('caffe-board')) customElements.define('caffe-board', module.CaffeBoard);
    this.#board ??= new module.CaffeBoard();
    Object.assign(this.#board, {client: this.#api, who: this.#who});
    this.#turn(true);
    find(this.#board, 'h1').focus();
    if (!this.#who && !this.#kept.how) this.#needSignIn(texts.boardSignIn);
  }

  /** Shows the customer's side. */
  hideBoard() {
    if (this.#board?.isConnected) this.#turn(false);
  }

  /** @param {boolean} toBoard */
  #turn(toBoard) {
    const {main, account} = this.#views;
    main.hidden = toBoard;
    if (toBoard && this.#board) main.after(this.#board);
    else this.#board?.remove();
    account.atBoard = toBoard;
    document.title = toBoard ? texts.boardTitle : texts.title;
  }

  /** @param {{username: string, password: string, stay: boolean}} credentials */
  #signIn(credentials) {
    this.#stay = credentials.stay;
    this.#hosted = false;
    return this.#step(() => this.#api.signIn(credentials));
  }

  /** @param {{newPassword: string} | {code: string}} answer */
  #answer(answer) {
    return this.#step(() => this.#api.answerChallenge(answer));
  }

  /** @param {{stay: boolean}} options */
  async #goHosted({stay}) {
    try {
      await (await import('./lib/hosted.js')).leave(stay);
    } catch {
      this.#views.signIn.fail(texts.unreachable);
    }
  }

  /** @param {() => Promise<Who | import('./api/client.js').Challenge>} ask one step of signing in */
  async #step(ask) {
    const {signIn} = this.#views;
    signIn.busy = true;
    try {
      const answer = await ask();
      if ('challenge' in answer) signIn.challenge = answer.challenge;
      else this.#enter(answer, texts.signedIn(answer.username));
    } catch (error) {
      signIn.fail(error instanceof Error ? error.message : texts.failed);
    } finally {
      signIn.busy = false;
    }
  }

  /**
   * @param {Who} who
   * @param {string} [greeting]
   */
  #enter(who, greeting) {
    this.#who = who;
    this.#kept.how = this.#stay ? (this.#hosted ? 'hosted' : 'form') : '';
    const then = this.#then;
    this.#then = undefined;
    this.#views.signIn.close();
    this.#show();
    if (greeting) say(greeting);
    this.orders.begin();
    then?.();
  }

  /**
   * @param {string} why
   * @param {() => void} [then]
   */
  #needSignIn(why, then) {
    if (this.#who) this.#forget();
    this.#then = then;
    this.#views.signIn.ask(why);
  }

  #leave() {
    this.#forget();
    this.#views.signIn.close();
    say(texts.signedOut);
    return this.#api.signOut().catch(() => {});
  }

  #forget() {
    this.#who = null;
    this.#kept.how = '';
    this.orders.end();
    this.#show();
  }

  #show() {
    this.#views.account.who = this.#who;
    if (this.#board) this.#board.who = this.#who;
  }
}

/**
 * A module that is seldom wanted; undefined, and said so, when it cannot be had.
 * @template T
 * @param {() => Promise<T>} fetchModule
 */
function load(fetchModule) {
  return fetchModule().catch(() => say(texts.unreachable));
}
