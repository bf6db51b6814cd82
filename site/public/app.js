/** Entry point: defines the elements, draws the cart and dispatches events. */
import {CaffeAccount} from './elements/caffe-account/caffe-account.js';
import {CaffeCart} from './elements/caffe-cart/caffe-cart.js';
import {CaffeMenu} from './elements/caffe-menu/caffe-menu.js';
import {CaffeMenuItem} from './elements/caffe-menu-item/caffe-menu-item.js';
import {CaffeSignIn} from './elements/caffe-sign-in/caffe-sign-in.js';
import {Cart, keyOf} from './lib/cart.js';
import {find, say} from './lib/dom.js';
import {texts} from './texts.js';

customElements.define('caffe-account', CaffeAccount);
customElements.define('caffe-cart', CaffeCart);
customElements.define('caffe-menu-item', CaffeMenuItem);
customElements.define('caffe-menu', CaffeMenu);
customElements.define('caffe-sign-in', CaffeSignIn);

/** @typedef {import('./elements/caffe-order-history/caffe-order-history.js').CaffeOrderHistory} CaffeOrderHistory */

/** The elements of the page. `history` is defined once `flow.js` is loaded. */
const views = {
  account: /** @type {CaffeAccount} */ (find(document, 'caffe-account')),
  main: find(document, 'main'),
  menu: /** @type {CaffeMenu} */ (find(document, 'caffe-menu')),
  cart: /** @type {CaffeCart} */ (find(document, 'caffe-cart')),
  signIn: /** @type {CaffeSignIn} */ (find(document, 'caffe-sign-in')),
  history: /** @type {CaffeOrderHistory} */ (find(document, 'caffe-order-history')),
};
/** @typedef {typeof views} Views */

const cart = new Cart();
cart.watch(drawCart);

function drawCart() {
  const {items} = cart;
  if (items.length) itemElement().catch(() => say(texts.unreachable));
  views.cart.items = items;
  views.cart.error = '';
  views.account.count = cart.count;
  views.menu.counts = new Map(items.map((item) => [keyOf(item), item.qty]));
}

/** Loads the element for cart lines when the first item is added. */
async function itemElement() {
  const {CaffeCartItem} = await import('./elements/caffe-cart-item/caffe-cart-item.js');
  if (!customElements.get('caffe-cart-item')) customElements.define('caffe-cart-item', CaffeCartItem);
}

const STAY = 'caffe-stay';

/** How the user stayed signed in on this device: `form`, `hosted`, or '' for not at all. Nothing else is stored. */
const stay = {
  get how() {
    try {
      return localStorage.getItem(STAY) ?? '';
    } catch {
      return ''; // storage is blocked: nobody stays signed in
    }
  },
  set how(how) {
    try {
      if (how) localStorage.setItem(STAY, how);
      else localStorage.removeItem(STAY);
    } catch {
      // As above.
    }
  },
};
/** @typedef {typeof stay} Stay */

/** @type {Promise<import('./flow.js').Flow> | undefined} */
let loading;

/**
 * Loads everything behind the sign-in on first use.
 * @param {(flow: import('./flow.js').Flow) => void} act
 */
async function flow(act) {
  loading ??= Promise.all([import('./flow.js'), itemElement()]).then(([{Flow}]) => new Flow(cart, views, stay));
  const loaded = await loading.catch(() => {
    loading = undefined;
    say(texts.unreachable);
  });
  if (loaded) act(loaded);
}

/**
 * Handlers of the elements' events, which take the event's detail.
 * @type {Record<string, (detail: any) => void>}
 */
const events = {
  'item-added': (product) => {
    cart.add(product);
    say(texts.added(product.name, cart.count));
  },
  'remove-item': (product) => {
    cart.remove(product);
    say(texts.removed(product.name));
  },
  'qty-changed': ({qty, ...product}) => cart.setQty(product, qty),
  onplaceorder: ({items}) => flow((it) => it.orders.place(items)),
  'refresh-orders': () => flow((it) => it.orders.refresh()),
  'more-orders': () => flow((it) => it.orders.more()),
  'cancel-order': (order) => flow((it) => it.orders.cancel(order)),
  're-order': ({items}) => flow((it) => it.orders.again(items)),
  'send-waiting': () => flow((it) => it.orders.flush()),
  'drop-waiting': (order) => flow((it) => it.orders.drop(order)),
  'ask-sign-in': () => flow((it) => it.askSignIn()),
  'sign-out': () => flow((it) => it.signOut()),
  'session-over': () => flow((it) => it.sessionOver()),
};
/** Handlers for the sign-in, whose events do not bubble. @type {typeof events} */
const signInEvents = {
  'sign-in': (credentials) => flow((it) => it.signIn(credentials)),
  'answer-challenge': (answer) => flow((it) => it.answer(answer)),
  'sign-in-hosted': (options) => flow((it) => it.goHosted(options)),
};
listen(document, events);
listen(views.signIn, signInEvents);

/**
 * @param {EventTarget} target
 * @param {typeof events} acts
 */
function listen(target, acts) {
  for (const [name, act] of Object.entries(acts)) {
    target.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));
  }
}

/** `#board` shows the staff view; any other hash is on the customer view. */
function route() {
  if (location.hash === '#board') flow((it) => it.showBoard());
  else if (loading) flow((it) => it.hideBoard());
}
addEventListener('hashchange', route);

if (/[?&](code|error)=/.test(location.search)) flow((it) => it.arrive());
else if (stay.how) flow((it) => it.resume());
else views.signIn.ask(texts.signInWhy);
route();

/** @type {import('./elements/caffe-menu/caffe-menu.js').MenuItem[] | null} */
const menu = await fetch('menu.json').then((response) => response.json()).catch(() => null);
if (menu) {
  views.menu.items = menu;
  views.cart.prices = new Map(menu.map((item) => [keyOf(item), item.price]));
} else {
  views.menu.note = texts.menuFailed;
}

// Last, as nobody waits for it. Without a service worker, a loaded page still accepts orders offline.
// eslint-disable-next-line compat/compat -- Safari uses the timeout
const idle = window.requestIdleCallback ?? setTimeout;
idle(() => navigator.serviceWorker
  ?.register('/service-worker.js', {type: 'module', updateViaCache: 'none'})
  .catch(() => {}));
