import {ApiClient} from './api/client.js';
import {CaffeOrderHistory} from './elements/caffe-order-history/caffe-order-history.js';
import {CaffeOrderHistoryItem} from './elements/caffe-order-history-item/caffe-order-history-item.js';
import {find, say} from './lib/dom.js';
import {watchOutbox} from './lib/offline.js';
import {Ordering} from './lib/ordering.js';
import {texts} from './texts.js';

customElements.define('caffe-order-history-item', CaffeOrderHistoryItem);
customElements.define('caffe-order-history', CaffeOrderHistory);

/** @typedef {import('./api/client.js').Who} Who */
/** @typedef {import('./elements/caffe-board/caffe-board.js').CaffeBoard} CaffeBoard */

const SURE_MS = 15_000; // how long a warning counts as seen

/**
 * Everything that needs a signed-in user: the session, orders and the board. The menu does not need it, so the page
 * loads it on first use.
 */
export class Flow {
  #api = new ApiClient();
  /** Notifies the other tabs of a sign-out. */
  #tabs = new BroadcastChannel('caffe');
  /** @type {Who | null} */
  #who = null;
  #stay = false;
  #hosted = false;
  #warned = false;
  /** @type {(() => void) | undefined} what to do after the sign-in */
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
    this.orders = new Ordering(this.#api, cart, views, this.#needSignIn.bind(this), this.sessionOver.bind(this));
    this.#tabs.addEventListener('message', () => this.#who && this.#leave());
    // A user who changes the cart does not want to order yet.
    cart.addEventListener('change', () => this.#then && this.#invite());
    watchOutbox();
  }

  /** Restores the session of a user who stayed signed in. It needs no network. */
  async resume() {
    this.#hosted = this.#kept.how === 'hosted';
    this.#stay = true;
    const who = await this.#api.resume().catch(() => undefined);
    if (who === undefined) {
      this.#invite(texts.unreachable);
    } else if (who) {
      this.#enter(who);
    } else {
      this.#forget();
      if (this.#atBoard) this.askSignIn();
    }
  }

  /** Completes a sign-in on Cognito's hosted page. */
  async arrive() {
    const hosted = await load(() => import('./lib/hosted.js'));
    const proof = hosted?.arrive();
    if (!proof) {
      this.#invite();
      if (hosted) this.#views.signIn.fail(texts.notStartedHere);
      return;
    }
    this.#stay = proof.stay;
    this.#hosted = true;
    await this.#step(() => this.#api.signInByCode(proof));
    if (location.hash === '#board') await this.showBoard();
  }

  /** Shows and focuses the sign-in form. */
  askSignIn() {
    this.#invite();
    this.#views.signIn.focusNext();
  }

  /**
   * Ends the session when the API no longer accepts the tokens. Keeps the cart, the waiting orders, and the focus
   * unless the focused element is hidden.
   */
  sessionOver() {
    if (!this.#who) return;
    const {history, signIn} = this.#views;
    const goes = this.#atBoard || history.contains(document.activeElement);
    this.#forget(texts.sessionOver, !goes);
    if (goes) signIn.focusNext();
    else say(texts.sessionOver);
  }

  /** Signs out. If orders are not sent yet, they would be lost: it warns first and needs a second call. */
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

  /** Shows the staff view, which checks the user's access itself. */
  async showBoard() {
    const module = await load(() => import('./elements/caffe-board/caffe-board.js'));
    if (!module || location.hash !== '#board') return;
    if (!customElements.get('caffe-board')) customElements.define('caffe-board', module.CaffeBoard);
    this.#board ??= new module.CaffeBoard();
    Object.assign(this.#board, {client: this.#api, who: this.#who});
    const {main, signIn} = this.#views;
    main.after(this.#board);
    this.#board.append(signIn);
    this.#turn(true);
  }

  /** Shows the customer view. */
  hideBoard() {
    if (!this.#atBoard) return;
    const {history, signIn} = this.#views;
    history.before(signIn);
    this.#board?.remove();
    this.#turn(false);
  }

  /** @param {boolean} toBoard */
  #turn(toBoard) {
    const {main, account} = this.#views;
    main.hidden = account.atBoard = toBoard;
    document.title = toBoard ? texts.boardTitle : texts.title;
    if (toBoard) this.#focusHeading();
    if (this.#who || this.#kept.how) return;
    if (toBoard) this.askSignIn();
    else this.#invite();
  }

  get #atBoard() {
    return Boolean(this.#board?.isConnected);
  }

  #focusHeading() {
    find(this.#board?.isConnected ? this.#board : this.#views.history, 'h1, h2').focus();
  }

  /** @param {{username: string, password: string, stay: boolean}} credentials */
  signIn(credentials) {
    this.#stay = credentials.stay;
    this.#hosted = false;
    return this.#step(() => this.#api.signIn(credentials));
  }

  /** @param {{newPassword: string} | {code: string}} answer to the step after the password */
  answer(answer) {
    return this.#step(() => this.#api.answerChallenge(answer));
  }

  /** Goes to Cognito's hosted page. @param {{stay: boolean}} options */
  async goHosted({stay}) {
    try {
      await (await import('./lib/hosted.js')).leave(stay);
    } catch {
      this.#views.signIn.fail(texts.unreachable);
    }
  }

  /** @param {() => Promise<Who | import('./api/client.js').Challenge>} ask one sign-in step */
  async #step(ask) {
    const {signIn} = this.#views;
    if (signIn.busy) return;
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
    const {signIn} = this.#views;
    const goes = signIn.contains(document.activeElement);
    signIn.close();
    this.#show();
    if (greeting) say(greeting);
    this.orders.begin();
    if (goes) this.#focusHeading();
    then?.();
  }

  /**
   * Goes to the sign-in.
   * @param {string} why
   * @param {() => void} then runs after the sign-in
   */
  #needSignIn(why, then) {
    if (this.#who) this.#forget();
    this.#invite(why);
    this.#then = then;
    this.#views.signIn.focusNext();
  }

  /**
   * Shows the sign-in and drops any pending action.
   * @param {string} [why]
   * @param {boolean} [said] whether the page announces the same text elsewhere
   */
  #invite(why = this.#atBoard ? texts.boardSignIn : texts.signInWhy, said = false) {
    this.#then = undefined;
    this.#views.signIn.ask(why, said);
  }

  #leave() {
    this.#forget();
    say(texts.signedOut);
    return this.#api.signOut().catch(() => {});
  }

  /**
   * @param {string} [why] to sign in again
   * @param {boolean} [said] whether the page announces the same text elsewhere
   */
  #forget(why, said) {
    this.#who = null;
    this.#kept.how = '';
    this.orders.end();
    this.#show();
    this.#invite(why, said);
  }

  #show() {
    this.#views.account.who = this.#who;
    if (this.#board) this.#board.who = this.#who;
  }
}

/**
 * Loads a rarely used module. Shows an error and returns undefined on failure.
 * @template T
 * @param {() => Promise<T>} fetchModule
 */
function load(fetchModule) {
  return fetchModule().catch(() => say(texts.unreachable));
}
