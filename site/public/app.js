/** Entry point: defines the elements of the first view, draws the menu and the cart, and dispatches events. */
import {CaffeMenu, CaffeMenuItem} from './elements/caffe-menu/caffe-menu.js';
import {CaffeSignIn} from './elements/caffe-sign-in/caffe-sign-in.js';
import {Cart} from './lib/cart.js';
import {find, say, setText} from './lib/dom.js';
import {Menu} from './lib/menu.js';
import {texts} from './texts.js';

customElements.define('caffe-menu-item', CaffeMenuItem);
customElements.define('caffe-menu', CaffeMenu);
customElements.define('caffe-sign-in', CaffeSignIn);

/** @typedef {import('./elements/caffe-cart/caffe-cart.js').CaffeCart} CaffeCart */
/** @typedef {import('./elements/caffe-order-history/caffe-order-history.js').CaffeOrderHistory} CaffeOrderHistory */
/** @typedef {import('./elements/caffe-waiting/caffe-waiting.js').CaffeWaiting} CaffeWaiting */
/** @typedef {import('./elements/caffe-options/caffe-options.js').CaffeOptions} CaffeOptions */
/** @typedef {import('./lib/cart.js').Product} Product */
/** @typedef {import('./api/http.js').Settings & {guests: boolean, lateMinutes: number}} Settings
 *   `guests`: whether guests can order; `lateMinutes`: the age at which an order is late */

/** The page's header, which links to the cart, the sign-in and the board. */
class Account {
  #element = find(document, 'caffe-account');

  constructor() {
    this.#find('.in').addEventListener('click', () => flow((it) => it.askSignIn()));
    this.#find('.out').addEventListener('click', () => flow((it) => it.signOut()));
  }

  /** @param {import('./api/client.js').Who | null} who the signed-in user */
  set who(who) {
    const focused = this.#element.contains(document.activeElement);
    this.#find('.who').textContent = who?.username ?? '';
    this.#find('.in').hidden = Boolean(who);
    this.#find('.out').hidden = !who;
    this.#element.toggleAttribute('staff', Boolean(who?.isStaff));
    if (focused && document.activeElement === document.body) this.#find(who ? '.out' : '.in').focus();
  }

  /** @param {boolean} atBoard whether the staff view is shown */
  set atBoard(atBoard) {
    this.#element.toggleAttribute('at-board', atBoard);
  }

  /** @param {number} count of items in the cart */
  set count(count) {
    const link = this.#find('.to-cart');
    link.setAttribute('aria-label', texts.cartLink(count));
    setText(find(link, 'b'), String(count));
  }

  /** @param {string} selector */
  #find(selector) {
    return find(this.#element, selector);
  }
}

/** The elements of the page. The cart is defined with the first item, and those for orders once `flow.js` is loaded. */
const views = {
  account: new Account(),
  main: find(document, 'main'),
  menu: /** @type {CaffeMenu} */ (find(document, 'caffe-menu')),
  cart: /** @type {CaffeCart} */ (find(document, 'caffe-cart')),
  signIn: /** @type {CaffeSignIn} */ (find(document, 'caffe-sign-in')),
  history: /** @type {CaffeOrderHistory} */ (find(document, 'caffe-order-history')),
  waiting: /** @type {CaffeWaiting} */ (find(document, 'caffe-waiting')),
};
/** @typedef {typeof views} Views */

/** @type {Promise<Settings>} */
const settings = fetch('/api.json').then((response) => response.json());
const menu = new Menu(settings);
const cart = new Cart();
menu.watch(() => {
  views.menu.show(menu);
  drawCart();
});
cart.watch(() => {
  drawCart();
  if (customElements.get('caffe-cart')) views.cart.error = '';
});

function drawCart() {
  const {items} = cart;
  if (customElements.get('caffe-cart')) Object.assign(views.cart, {menu, items});
  else if (items.length) cartElements().catch(() => say(texts.unreachable));
  views.account.count = cart.count;
  views.menu.counts = items.reduce((counts, {name, qty}) => counts.set(name, (counts.get(name) ?? 0) + qty), new Map());
  drawBar(items);
}

/**
 * Draws the link to the cart at the thumb.
 * @param {import('./lib/cart.js').Item[]} items
 */
function drawBar(items) {
  const bar = find(document, '.bar');
  const total = items.reduce((sum, item) => sum + item.qty * (menu.price(item) ?? NaN), 0);
  bar.hidden = items.length === 0;
  setText(find(bar, '.count'), texts.cartLink(cart.count));
  setText(find(bar, '.sum'), Number.isNaN(total) ? '' : menu.money(total));
}

/** Loads the cart when the first item is added. The page shows an empty one without it. */
async function cartElements() {
  const [{CaffeCart}, {CaffeCartItem}] = await Promise.all([
    import('./elements/caffe-cart/caffe-cart.js'),
    import('./elements/caffe-cart-item/caffe-cart-item.js'),
  ]);
  if (customElements.get('caffe-cart')) return;
  customElements.define('caffe-cart-item', CaffeCartItem);
  customElements.define('caffe-cart', CaffeCart);
  drawCart();
}

/**
 * Opens the sheet for the options of a product.
 * @param {Product} product
 * @param {Product} [old] the product that it replaces in the cart
 */
async function askOptions(product, old) {
  try {
    const {CaffeOptions} = await import('./elements/caffe-options/caffe-options.js');
    if (!customElements.get('caffe-options')) customElements.define('caffe-options', CaffeOptions);
    /** @type {CaffeOptions} */ (find(document, 'caffe-options')).ask(menu, product, old);
  } catch {
    // Without a network, the product can still be ordered as it comes.
    if (old) say(texts.unreachable);
    else add(product);
  }
}

/** @param {Product} product */
function add(product) {
  cart.add(product);
  say(texts.added(product.name, cart.count));
}

const STAY = 'caffe-stay';

/**
 * How the user stayed signed in on this device: `form`, `hosted`, `guest` without an account, or '' for not at all. Nothing
 * else is stored.
 */
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
 * Loads everything behind an order or the sign-in on first use.
 * @param {(flow: import('./flow.js').Flow) => void} act
 */
async function flow(act) {
  loading ??= Promise.all([import('./flow.js'), cartElements()])
    .then(([{Flow}]) => new Flow(cart, menu, views, stay, settings));
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
  'item-added': (product) => (menu.find(product)?.options.length ? askOptions(product) : add(product)),
  'change-item': (product) => askOptions(product, product),
  'product-chosen': ({product, old}) => (old ? cart.change(old, product) : add(product)),
  'remove-item': (product) => {
    cart.remove(product);
    say(texts.removed(product.name));
  },
  'qty-changed': ({qty, ...product}) => cart.setQty(product, qty),
  onplaceorder: ({items, pickupName}) => flow((it) => it.orders.place(items, pickupName)),
  'refresh-orders': () => flow((it) => it.orders.refresh()),
  'more-orders': () => flow((it) => it.orders.more()),
  'cancel-order': (order) => flow((it) => it.orders.cancel(order)),
  're-order': ({items}) => flow((it) => it.orders.again(items)),
  'send-waiting': () => flow((it) => it.orders.flush()),
  'send-kept': ({id}) => flow((it) => it.orders.sendKept(id)),
  'drop-waiting': (order) => flow((it) => it.orders.drop(order)),
  'session-over': () => flow((it) => it.sessionOver()),
};
/** Handlers for the sign-in, whose events do not bubble. @type {typeof events} */
const signInEvents = {
  'sign-in': (credentials) => flow((it) => it.signing.signIn(credentials)),
  'answer-challenge': (answer) => flow((it) => it.signing.answer(answer)),
  'account-step': ({step, input}) => flow((it) => it.signing.account(step, input)),
  'sign-in-hosted': (options) => flow((it) => it.signing.goHosted(options)),
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

/** Whether an order was promised to be sent after the sign-in (`lib/wanted.js`). */
function promised() {
  try {
    return Boolean(sessionStorage.getItem('caffe-wanted'));
  } catch {
    return false; // storage is blocked
  }
}

/** `#board` shows the staff view, `#display` a screen in the room; any other hash is on the customer view. */
function route() {
  if (location.hash === '#board') flow((it) => it.showBoard());
  else if (location.hash.startsWith('#display')) flow((it) => it.showDisplay());
  else if (loading) flow((it) => it.hideBoard());
}
addEventListener('hashchange', route);

views.cart.toggleAttribute('guest', !stay.how || stay.how === 'guest');
if (location.hash.startsWith('#display')) route();
else {
  if (/[?&](code|error)=/.test(location.search)) flow((it) => it.arrive());
  else if (stay.how || promised()) flow((it) => it.resume());
  else views.signIn.ask(texts.signInWhy);
  route();
  menu.refresh();
}
document.addEventListener('visibilitychange', () => document.hidden || menu.refresh());

// The bar leads to the cart, so it is of no use beside it.
new IntersectionObserver(([{isIntersecting}]) => find(document, '.bar').classList.toggle('beside', isIntersecting),
  {rootMargin: '0px 0px -40%'}).observe(views.cart);

// Last, as nobody waits for it. Without a service worker, a loaded page still accepts orders offline.
// eslint-disable-next-line compat/compat -- Safari uses the timeout
const idle = window.requestIdleCallback ?? setTimeout;
idle(() => navigator.serviceWorker
  ?.register('/service-worker.js', {type: 'module', updateViaCache: 'none'})
  .catch(() => {}));
