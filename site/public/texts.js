/** Texts that the scripts show; the HTML pages contain the others. To reword or translate the app, edit these files. */

const money = new Intl.NumberFormat('en-IE', {style: 'currency', currency: 'EUR'});
const time = new Intl.DateTimeFormat('en-IE', {weekday: 'short', hour: '2-digit', minute: '2-digit'});
const clock = new Intl.DateTimeFormat('en-IE', {timeStyle: 'short'});
const date = new Intl.DateTimeFormat('en-IE', {dateStyle: 'long', timeStyle: 'short'});

/**
 * A time: with its weekday within a day, and with its date otherwise.
 * @param {number} ms
 */
const when = (ms) => (Math.abs(Date.now() - ms) < 86_400_000 ? time : date).format(ms);

/**
 * A text, or a function that formats one.
 * @typedef {string | ((...values: any[]) => string)} Text
 */

export const texts = Object.freeze(/** @satisfies {Record<string, Text | object>} */ ({
  title: 'The café',

  menu: 'Menu',
  menuLoading: 'Loading menu…',
  menuFailed: 'The menu could not be loaded. Please reload the page.',
  add: 'Add',
  addLong: (name) => `Add ${name} to the cart`,
  added: (name, count) => `${name} added. ${items(count)} in your cart.`,
  removed: (name) => `${name} removed.`,
  inCart: (count) => `${count} in cart`,
  price: (cents) => money.format(cents / 100),

  cart: 'Cart',
  cartLink: (count) => `Cart, ${items(count)}`,
  cartEmpty: 'Nothing here yet. What would you like?',
  quantity: (name) => `Quantity of ${name}`,
  less: (name) => `One less ${name}`,
  more: (name) => `One more ${name}`,
  remove: (name) => `Remove ${name}`,
  total: 'Total',
  placeOrder: 'Place order',
  placing: 'Sending your order…',
  placed: 'Thank you! Your order is in.',
  orderWaits: 'You are offline. Your order is saved and will be sent when you are back online.',

  signIn: 'Sign in',
  signInWhy: 'Sign in to order and to follow your orders.',
  signInToOrder: 'Sign in, and we will send your order right away.',
  sessionOver: 'Please sign in again. Your cart stays as it is.',
  username: 'Email',
  password: 'Password',
  stay: 'Stay signed in',
  stayWhy: 'Keeps a key to your account on this device until you sign out. Leave it off on shared devices.',
  signInHosted: 'Sign in on the account page',
  startOver: 'Start over',
  /** The explanation of each step after the password. @type {Record<string, string>} */
  signInSteps: {
    newPassword: 'Choose at least 12 characters, with uppercase and lowercase letters, digits and symbols.',
    code: 'Enter the six-digit code from your authenticator app.',
  },
  newPassword: 'New password',
  code: 'Code',
  unknownChallenge: 'Your account needs a step that this form does not support. Sign in on the account page.',
  notStartedHere: 'That sign-in was not started here or not finished. Please try again.',
  signingIn: 'Signing in…',
  signedIn: (username) => `Signed in as ${username}.`,
  signOut: 'Sign out',
  signedOut: 'You are signed out.',
  unsentWarning: (count) => `${orders(count)} not sent yet would be lost. Sign out again to continue anyway.`,
  toBoard: 'Board',
  boardTitle: 'Board – The café',

  orders: 'Your orders',
  ordersEmpty: 'No orders yet. Your first one will appear here.',
  ordersLoading: 'Loading your orders…',
  moreOrders: 'Show older orders',
  refresh: 'Refresh',
  again: 'Order again',
  inCartAgain: (count) => `Added to your cart again: ${items(count)} now.`,
  cancel: 'Cancel order',
  cancelSure: 'Tap again to cancel',
  cancelled: 'Your order is cancelled.',
  sendNow: 'Send now',
  backToCart: 'Back to the cart',
  sentLater: (count) => `${orders(count)} sent.`,
  orderName: (id) => `No. ${short(id)}`,
  orderFrom: when,
  nowIs: (status) => `Your order is now ${status.toLowerCase()}.`,
  /** What a page says about live updates, by their state; `at` is when it last heard in ms. */
  liveState: (state, at) => {
    const since = at ? ` Last update ${clock.format(at)}.` : '';
    /** @type {Record<string, string>} */
    const said = {live: 'Live', reconnecting: `Reconnecting…${since}`, offline: `Offline.${since}`};
    return said[state] ?? '';
  },
  /** A word and a sentence for each status of an order. @type {Record<string, string[]>} */
  status: {
    created: ['Created', 'Waiting for the kitchen.'],
    accepted: ['Accepted', 'We are making it.'],
    ready: ['Ready', 'Come and get it!'],
    filled: ['Filled', 'Enjoy.'],
    cancelled: ['Cancelled', 'We are no longer making it.'],
    waiting: ['Not sent yet', 'It will be sent when you are online again.'],
    refused: ['Not accepted', ''],
  },

  // The board
  board: 'Orders',
  boardLoading: 'Loading orders…',
  boardSignIn: 'Sign in with a staff account to see the orders.',
  boardStaffOnly: 'The board is for staff only. This is not a staff account.',
  boardCut: 'There are more open orders than the board shows. The oldest ones are missing.',
  boardEnded: 'Recently finished',
  /** The text for each empty list. @type {Record<string, string>} */
  boardEmpty: {
    created: 'Nothing to accept.',
    accepted: 'Nothing to make.',
    ready: 'Nothing to hand over.',
    ended: 'Nothing yet.',
  },
  newOrders: (count) => `${count} new ${count === 1 ? 'order' : 'orders'}.`,
  /** The label of the button that moves an order to a status. @type {Record<string, string>} */
  move: {accepted: 'Accept', ready: 'Ready', filled: 'Handed over', cancelled: 'Cancel'},
  moveLong: (id, status) => `${texts.move[status]}: order ${short(id)}`,
  moveCancelSure: 'Really cancel?',
  orderMoved: (id, status) => `Order ${short(id)} is now ${texts.status[status][0].toLowerCase()}.`,
  orderOvertaken: (id) => `Someone else changed order ${short(id)}. The board shows its current state.`,
  orderGone: (id) => `Order ${short(id)} no longer exists.`,
  orderNotMoved: (id, why) => `Order ${short(id)} might not have moved. ${why}`,
  restaurant: (id) => `Restaurant ${id}`,
  /** `name`: a generated user name, or `you`. */
  staff: (name) => `Staff: ${name.length > 12 ? `${name.slice(0, 8)}…` : name}`,
  you: 'you',
  late: 'Late',
  /** A time in the past: `ms` since 1970, `age` in ms. */
  age: (ms, age) => {
    const minutes = Math.max(0, Math.floor(age / 60_000));
    return minutes < 100 ? `${minutes} min` : `since ${when(ms)}`;
  },

  // Photos of an order
  photo: 'Photo',
  photos: 'Photos',
  photoOf: (id, ms) => `Order ${short(id)}, photo of ${when(ms)}`,
  photoAt: (ms) => `Photo of ${when(ms)}`,
  enlarge: 'Enlarge the photo',
  close: 'Close',
  addPhoto: 'Add a photo',
  photoSending: 'Sending your photo…',
  photoAdded: 'Your photo was added to your order.',
  photoRemoving: 'Removing your photo…',
  photoRemoved: 'Your photo was removed.',
  removePhoto: 'Remove this photo',
  removePhotoSure: 'Remove?',
  notAPicture: 'That file cannot be shown as a picture. Please choose another one.',
  /** Why a photo was refused, by the response's status. @type {Record<number, string>} */
  photoRefused: {
    409: 'There is no room for more photos. Remove one first.',
    413: 'That photo is too large. Please choose another one.',
    415: 'We cannot store that kind of file. Please choose another one.',
  },

  // The payment page
  locale: 'en-IE',
  invoice: 'Your invoice',
  invoiceLoading: {heading: 'Your invoice', text: 'Loading…'},
  invoicePaid: 'Paid. Thank you!',
  linkUnknown: {
    heading: 'Invoice not found',
    text: 'This link is not valid. Please open the whole link from the email again.',
  },
  nothingToPay: 'Nothing to pay',
  sentOn: (ms) => `Sent on ${date.format(ms)}`,
  paidOn: (ms, method) => `Paid on ${date.format(ms)} by ${method}`,
  pay: (price) => `Pay ${price}`,
  oneMoment: 'One moment…',
  lookAgain: 'Try again',
  paymentUnsure: 'We do not know whether the payment went through. Try again: you will not pay twice.',

  unreachable: 'The café cannot be reached right now. Check your connection and try again.',
  failed: 'Something went wrong. Please try again in a moment.',
}));

/**
 * "1 item", "2 items": screen readers announce counts, so they must be grammatical.
 * @param {number} count
 */
function items(count) {
  return `${count} ${count === 1 ? 'item' : 'items'}`;
}

/** @param {number} count */
function orders(count) {
  return `${count} ${count === 1 ? 'order' : 'orders'}`;
}

/**
 * The short order number: the end of its ID, unique enough among the orders of an hour.
 * @param {string} id
 */
function short(id) {
  return id.slice(-4).toUpperCase();
}
