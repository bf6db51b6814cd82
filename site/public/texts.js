/** Every text that the scripts show, in one place: to reword or translate the page, edit this file. */

const money = new Intl.NumberFormat('en-IE', {style: 'currency', currency: 'EUR'});
const time = new Intl.DateTimeFormat('en-IE', {weekday: 'short', hour: '2-digit', minute: '2-digit'});

export const texts = Object.freeze({
  menu: 'Menu',
  menuFailed: 'The menu could not be loaded. Please reload the page.',
  add: 'Add',
  addLong: (name) => `Add ${name} to the cart`,
  added: (name, count) => `${name} added. ${items(count)} in your cart.`,
  removed: (name) => `${name} removed.`,
  price: (cents) => money.format(cents / 100),

  cart: 'Cart',
  cartLink: (count) => `Cart, ${items(count)}`,
  cartEmpty: 'Nothing here yet. What would you like?',
  quantity: (name) => `Quantity of ${name}`,
  less: (name) => `One ${name} less`,
  more: (name) => `One ${name} more`,
  remove: (name) => `Remove ${name}`,
  total: 'Total',
  placeOrder: 'Place order',
  placing: 'Sending your order…',
  placed: 'Thank you! Your order is in.',

  signIn: 'Sign in',
  signInWhy: 'Sign in to order and to follow your orders.',
  signInToOrder: 'Please sign in first. Your cart stays as it is.',
  sessionOver: 'Please sign in again. Your cart stays as it is.',
  username: 'E-mail',
  password: 'Password',
  signingIn: 'Signing in…',
  signedIn: (username) => `Signed in as ${username}.`,
  signOut: 'Sign out',
  signedOut: 'You are signed out.',

  orders: 'Your orders',
  ordersEmpty: 'No orders yet. Your first one will show up here.',
  refresh: 'Refresh',
  orderFrom: (ms) => time.format(ms),
  order: 'Order',
  nowIs: (status) => `Your order is now ${status.toLowerCase()}.`,
  /** A word and a sentence for each status of an order. */
  status: {
    created: ['Created', 'Waiting for the kitchen.'],
    accepted: ['Accepted', 'We are making it.'],
    ready: ['Ready', 'Come and get it!'],
    filled: ['Filled', 'Enjoy.'],
    cancelled: ['Cancelled', ''],
  },

  unreachable: 'The café cannot be reached right now. Check your connection and try again.',
  failed: 'That did not work. Please try again in a moment.',
});

/** "1 item", "2 items": counts are read out, so they have to be grammatical. */
function items(count) {
  return `${count} ${count === 1 ? 'item' : 'items'}`;
}
