import {ApiClient} from './api/client.js';
import {CaffeOrderHistory} from './elements/caffe-order-history/caffe-order-history.js';
import {CaffeWaiting} from './elements/caffe-waiting/caffe-waiting.js';
import {CaffeOrderHistoryItem} from './elements/caffe-order-history-item/caffe-order-history-item.js';
import {find, load, moveWithFocus, say} from './lib/dom.js';
import {watchOutbox} from './lib/offline.js';
import {Ordering} from './lib/ordering.js';
import {SigningIn} from './lib/signing-in.js';
import {texts} from './texts.js';

customElements.define('caffe-order-history-item', CaffeOrderHistoryItem);
customElements.define('caffe-order-history', CaffeOrderHistory);
customElements.define('caffe-waiting', CaffeWaiting);

/** @typedef {import('./api/client.js').Who} Who */
/** @typedef {import('./elements/caffe-board/caffe-board.js').CaffeBoard} CaffeBoard */

const SURE_MS = 15_000; // how long a warning counts as seen

/**
 * Everything that needs a session: orders, signing in, the board and displays. The menu does not need it, so the page
 * loads it on first use.
 */
export class Flow {
  #api = new ApiClient();
  /** Notifies the other tabs of a sign-out. */
  #tabs = new BroadcastChannel('caffe');
  /** @type {Who | null} */
  #who = null;
  #warned = false;
  /** @type {(() => void) | undefined} what to do after the sign-in */
  #then;
  /** @type {Promise<void> | undefined} */
  #resuming;
  /** @type {CaffeBoard | undefined} */
  #board;
  /** @type {HTMLElement | undefined} */
  #display;
  #views;
  #kept;
  #settings;

  /**
   * @param {import('./lib/cart.js').Cart} cart
   * @param {import('./lib/menu.js').Menu} menu
   * @param {import('./app.js').Views} views
   * @param {import('./app.js').Stay} kept
   * @param {Promise<import('./app.js').Settings>} settings
   */
  constructor(cart, menu, views, kept, settings) {
    this.#views = views;
    this.#kept = kept;
    this.#settings = settings;
    this.signing = new SigningIn(this.#api, views.signIn, (who) => this.#enter(who, texts.signedIn(who.username)));
    this.orders = new Ordering(this.#api, cart, menu, views, {
      needSignIn: this.#needSignIn.bind(this),
      sessionOver: this.sessionOver.bind(this),
      beGuest: this.#beGuest.bind(this),
      keep: () => (this.#kept.how ||= 'guest'),
    });
    menu.follow(this.#api.live);
    this.#tabs.addEventListener('message', ({data}) => this.#hearTab(data));
    // A user who changes the cart does not want to order yet.
    cart.addEventListener('change', () => this.#then && this.#invite());
    watchOutbox();
  }

  /** @param {string} customer the user who signed in in another tab, or '' after a sign-out */
  async #hearTab(customer) {
    if (!this.#who || this.#who.customer === customer) return;
    if (!customer) {
      if (!this.#who.isGuest) this.#leave();
      return;
    }
    const {how} = this.#kept; // the other user's
    const wasGuest = this.#who.isGuest;
    await this.#api.leave().catch(() => {});
    this.#forget(texts.otherTab);
    this.#kept.how = how;
    if (wasGuest) await this.resume(); // somebody who orders without an account has signed in
  }

  /** Restores the session of a user who stayed signed in. It needs no network. */
  resume() {
    return (this.#resuming = this.#resume());
  }

  async #resume() {
    this.signing.hosted = this.#kept.how === 'hosted';
    this.signing.stay = true;
    const who = await this.#api.resume().catch(() => undefined);
    if (who === undefined) this.#invite(texts.unreachable);
    else if (who) this.#enter(who);
    else this.#begin();
  }

  /** Shows the page without a session, with what is still to be sent. */
  #begin() {
    this.#forget(undefined, false, this.orders.wanted);
    this.#showKept();
    if (this.#atBoard) this.askSignIn();
  }

  /** Begins a session without an account. @returns {Promise<boolean>} false if the café takes no guests */
  async #beGuest() {
    const {guests} = await this.#settings.catch(() => ({guests: true}));
    if (guests === false) return false;
    await this.#resuming;
    if (this.#who) return true;
    this.#kept.how ||= 'guest'; // also without a network: what the guest orders is kept
    this.#enter(await this.#api.beGuest());
    return true;
  }

  /** Completes a sign-in on Cognito's hosted page. */
  async arrive() {
    const hosted = await load(() => import('./lib/hosted.js'));
    const proof = hosted?.arrive();
    if (!proof) {
      if (this.#kept.how) await this.resume();
      else this.#begin();
      if (hosted) this.#views.signIn.fail(texts.notStartedHere);
      return;
    }
    this.signing.stay = proof.stay;
    this.signing.hosted = true;
    await this.signing.step(() => this.#api.signInByCode(proof));
    if (location.hash === '#board') await this.showBoard();
  }

  /** Shows and focuses the sign-in form. */
  askSignIn() {
    const then = this.#then ?? this.orders.wanted;
    this.#invite(then && texts.signInToOrder, false, then);
    this.#views.signIn.focusNext();
  }

  /**
   * Ends the session when the API no longer accepts the tokens. Keeps the cart, waiting orders and, if it can, focus.
   */
  sessionOver() {
    if (!this.#who) return;
    const {history, signIn} = this.#views;
    if (this.#who.isGuest) {
      this.#forget();
      this.#showKept();
      say(texts.guestOver);
      return;
    }
    const goes = this.#atBoard || history.contains(document.activeElement);
    this.#forget(texts.sessionOver, !goes);
    this.#showKept();
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
    this.#tabs.postMessage('');
    await this.#leave();
    if (this.signing.hosted) await (await load(() => import('./lib/hosted.js')))?.endSession().catch(() => {});
  }

  /** Shows the staff view, which checks the user's access itself. */
  async showBoard() {
    const module = await load(() => import('./elements/caffe-board/caffe-board.js'));
    if (!module || location.hash !== '#board') return;
    if (!customElements.get('caffe-board')) customElements.define('caffe-board', module.CaffeBoard);
    this.#board ??= new module.CaffeBoard();
    const {lateMinutes} = await this.#settings.catch(() => ({lateMinutes: 10}));
    Object.assign(this.#board, {client: this.#api, who: this.#who, lateMinutes});
    const {main, signIn} = this.#views;
    main.after(this.#board);
    moveWithFocus(signIn, this.#board);
    this.#turn(true);
  }

  /** Shows a screen in the room, which needs no sign-in. */
  async showDisplay() {
    const module = await load(() => import('./elements/caffe-display/caffe-display.js'));
    if (module && location.hash.startsWith('#display')) this.#display ??= module.showDisplay(this.#api, this.#views.main);
  }

  /** Shows the customer view. */
  hideBoard() {
    if (this.#display?.isConnected) location.reload(); // a display has its own session
    if (!this.#atBoard) return;
    this.#views.history.before(this.#views.signIn);
    this.#board?.remove();
    this.#turn(false);
  }

  /** @param {boolean} toBoard */
  #turn(toBoard) {
    const {main, account, signIn} = this.#views;
    main.hidden = account.atBoard = toBoard;
    document.title = toBoard ? texts.boardTitle : texts.title;
    const goes = toBoard && !signIn.contains(document.activeElement); // somebody may be typing
    if (goes) this.#focusHeading();
    if (this.#who || this.#kept.how) return;
    if (goes) this.askSignIn();
    else this.#invite();
  }

  get #atBoard() { return Boolean(this.#board?.isConnected); }

  #focusHeading() {
    find(this.#board?.isConnected ? this.#board : this.#views.history, 'h1, h2').focus();
  }

  /**
   * @param {Who} who
   * @param {string} [greeting]
   */
  #enter(who, greeting) {
    if (this.#who) this.orders.end();
    this.#who = who;
    this.#kept.how = this.signing.howToStay(who);
    const then = this.#then ?? this.orders.wanted;
    this.#then = undefined;
    const {signIn} = this.#views;
    const goes = signIn.contains(document.activeElement);
    signIn.close();
    this.#show();
    if (greeting) say(greeting);
    // Other tabs would be somebody else after a reload.
    if (greeting && this.signing.stay) this.#tabs.postMessage(who.customer);
    this.orders.begin();
    if (goes) this.#focusHeading();
    then?.();
  }

  /** Shows what the customer still wants to send, also after a reload. */
  async #showKept() {
    await this.orders.showKept();
    if (!this.#who && this.orders.unsent) this.#kept.how ||= 'guest';
  }

  /**
   * Goes to the sign-in.
   * @param {string} why
   * @param {() => void} then runs after the sign-in
   * @returns {boolean} whether it will: a guest can order without
   */
  #needSignIn(why, then) {
    const wasGuest = this.#who?.isGuest;
    if (this.#who) this.#forget();
    this.#showKept();
    if (wasGuest) {
      this.#views.cart.error = texts.guestOver; // ordering again begins another session
      return false;
    }
    this.#invite(why, false, then);
    this.#views.signIn.focusNext();
    return true;
  }

  /**
   * Shows the sign-in.
   * @param {string} [why]
   * @param {boolean} [said] whether the page announces the same text elsewhere
   * @param {() => void} [then] runs after the sign-in, in place of any pending action
   */
  #invite(why = this.#atBoard ? texts.boardSignIn : texts.signInWhy, said = false, then) {
    this.#then = then;
    this.#views.signIn.ask(why, said);
  }

  #leave() {
    this.#forget();
    this.#views.cart.forgetName();
    say(texts.signedOut);
    return this.#api.signOut().catch(() => {});
  }

  /**
   * @param {string} [why] to sign in again
   * @param {boolean} [said] whether the page announces the same text elsewhere
   * @param {() => void} [then] runs after the next sign-in
   */
  #forget(why = undefined, said = false, then) {
    this.#who = null;
    this.#kept.how = '';
    this.orders.end();
    this.#show();
    this.#invite(then ? texts.signInToOrder : why, said, then);
  }

  #show() {
    this.#views.account.who = this.#who?.isGuest ? null : this.#who;
    this.#views.cart.toggleAttribute('guest', !this.#who || Boolean(this.#who.isGuest));
    if (this.#board) this.#board.who = this.#who;
  }
}
