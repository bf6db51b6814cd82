/** Where it comes together: elements get their names, the cart is drawn, events find their way. */
import {CaffeAccount} from './elements/caffe-account/caffe-account.js';
import {CaffeCart} from './elements/caffe-cart/caffe-cart.js';
import {CaffeCartItem} from './elements/caffe-cart-item/caffe-cart-item.js';
import {CaffeMenu} from './elements/caffe-menu/caffe-menu.js';
import {CaffeMenuItem} from './elements/caffe-menu-item/caffe-menu-item.js';
import {CaffeOrderHistory} from './elements/caffe-order-history/caffe-order-history.js';
import {CaffeOrderHistoryItem} from './elements/caffe-order-history-item/caffe-order-history-item.js';
import {CaffeSignIn} from './elements/caffe-sign-in/caffe-sign-in.js';
import {Cart, keyOf} from './lib/cart.js';
import {say} from './lib/message.js';
import {texts} from './texts.js';

customElements.define('caffe-account', CaffeAccount);
customElements.define('caffe-cart-item', CaffeCartItem);
customElements.define('caffe-cart', CaffeCart);
customElements.define('caffe-menu-item', CaffeMenuItem);
customElements.define('caffe-menu', CaffeMenu);
customElements.define('caffe-order-history-item', CaffeOrderHistoryItem);
customElements.define('caffe-order-history', CaffeOrderHistory);
customElements.define('caffe-sign-in', CaffeSignIn);

const views = Object.fromEntries(['account', 'menu', 'cart', 'sign-in', 'order-history']
  .map((name) => [name, document.querySelector(`caffe-${name}`)]));
const cart = new Cart();
cart.watch(() => {
  views.cart.items = cart.items;
  views.cart.error = '';
  views.account.count = cart.count;
});

/** @type {Promise<import('./flow.js').Flow> | undefined} */
let loading;

/** Everything behind the sign-in, loaded when somebody first wants it. */
async function flow(act) {
  loading ??= import('./flow.js').then(({Flow}) => new Flow(cart, views));
  try {
    act(await loading);
  } catch {
    loading = undefined;
    say(texts.unreachable);
  }
}

/** What elements send, and what is done about it: functions of the event's detail. */
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
  onplaceorder: ({items}) => flow((it) => it.placeOrder(items)),
  'refresh-orders': () => flow((it) => it.refresh()),
  'sign-out': () => flow((it) => it.signOut()),
};
for (const [name, act] of Object.entries(events)) document.addEventListener(name, ({detail}) => act(detail));
views['sign-in'].addEventListener('sign-in', ({detail}) => flow((it) => it.signIn(detail)));

try {
  const menu = await (await fetch('menu.json')).json();
  views.menu.items = menu;
  views.cart.prices = new Map(menu.map((item) => [keyOf(item), item.price]));
} catch {
  views.menu.note = texts.menuFailed;
}
