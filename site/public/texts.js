/** Every text that the scripts show, in one place: to reword or translate the page, edit this file. */

const money = new Intl.NumberFormat('en-IE', {style: 'currency', currency: 'EUR'});
const time = new Intl.DateTimeFormat('en-IE', {weekday: 'short', hour: '2-digit', minute: '2-digit'});
const date = new Intl.DateTimeFormat('en-IE', {dateStyle: 'long', timeStyle: 'short'});

/**
 * Texts, and functions that make one of what they are given.
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
  less: (name) => `One ${name} less`,
  more: (name) => `One ${name} more`,
  remove: (name) => `Remove ${name}`,
  total: 'Total',
  placeOrder: 'Place order',
  placing: 'Sending your order…',
  placed: 'Thank you! Your order is in.',
  orderWaits: 'You are offline. Your order is kept, and sent as soon as you are back.',

  signIn: 'Sign in',
  signInWhy: 'Sign in to order and to follow your orders.',
  signInToOrder: 'Sign in, and your order goes out right after.',
  sessionOver: 'Please sign in again. Your cart stays as it is.',
  username: 'E-mail',
  password: 'Password',
  stay: 'Stay signed in',
  stayWhy: 'Keeps a key to your account on this device, until you sign out. Leave it off where others use it too.',
  signInHosted: 'Sign in on the account page',
  startOver: 'Start over',
  /** A sentence for each step that may come after the password. @type {Record<string, string>} */
  signInSteps: {
    newPassword: 'Choose a password: 12 characters or more, with small and capital letters, digits and signs.',
    code: 'Type the six digits that your authenticator app shows.',
  },
  newPassword: 'New password',
  code: 'Code',
  unknownChallenge: 'Your account asks for a step that this form does not know. Sign in on the account page.',
  notStartedHere: 'That sign-in was not started here, or not finished. Please try again.',
  signingIn: 'Signing in…',
  signedIn: (username) => `Signed in as ${username}.`,
  signOut: 'Sign out',
  signedOut: 'You are signed out.',
  unsentWarning: (count) => `${orders(count)} not sent yet would be lost. Sign out once more to leave all the same.`,
  toBoard: 'Board',
  boardTitle: 'Board – The café',

  orders: 'Your orders',
  ordersEmpty: 'No orders yet. Your first one will show up here.',
  ordersLoading: 'Looking for your orders…',
  moreOrders: 'Show older orders',
  refresh: 'Refresh',
  again: 'Order again',
  inCartAgain: (count) => `It is in your cart again: ${items(count)} now.`,
  cancel: 'Cancel order',
  cancelSure: 'Tap again to cancel',
  cancelled: 'Your order is cancelled.',
  sendNow: 'Send now',
  backToCart: 'Back to the cart',
  sentLater: (count) => `${orders(count)} sent.`,
  orderName: (id) => `No. ${short(id)}`,
  orderFrom: (ms) => time.format(ms),
  nowIs: (status) => `Your order is now ${status.toLowerCase()}.`,
  /** A word and a sentence for each status of an order. @type {Record<string, string[]>} */
  status: {
    created: ['Created', 'Waiting for the kitchen.'],
    accepted: ['Accepted', 'We are making it.'],
    ready: ['Ready', 'Come and get it!'],
    filled: ['Filled', 'Enjoy.'],
    cancelled: ['Cancelled', 'Nobody is working on it any more.'],
    waiting: ['Not sent yet', 'It goes out by itself when you are online again.'],
    refused: ['Not accepted', ''],
  },

  // The board
  board: 'Orders',
  boardLoading: 'Looking for orders…',
  boardSignIn: 'Sign in with a staff account to see the orders.',
  boardStaffOnly: 'The board is for staff, and this account is not one of theirs.',
  boardEnded: 'Recently finished',
  /** What is said where there are no orders. @type {Record<string, string>} */
  boardEmpty: {
    created: 'Nobody is waiting for an answer.',
    accepted: 'Nothing to make.',
    ready: 'Nothing to hand over.',
    ended: 'Nothing yet.',
  },
  newOrders: (count) => `${count} new ${count === 1 ? 'order' : 'orders'}.`,
  /** What a tap makes of an order. @type {Record<string, string>} */
  move: {accepted: 'Accept', ready: 'Ready', filled: 'Handed over', cancelled: 'Cancel'},
  moveLong: (id, status) => `${texts.move[status]}: order ${short(id)}`,
  moveCancelSure: 'Really cancel?',
  orderMoved: (id, status) => `Order ${short(id)} is now ${texts.status[status][0].toLowerCase()}.`,
  orderOvertaken: (id) => `Somebody else has changed order ${short(id)}. It is shown as it is now.`,
  orderGone: (id) => `Order ${short(id)} is not there any more.`,
  orderNotMoved: (id, why) => `Order ${short(id)} may not have moved. ${why}`,
  restaurant: (id) => `Restaurant ${id}`,
  /** `name`: a user name that nobody chose, or `you`. */
  staff: (name) => `Staff: ${name.length > 12 ? `${name.slice(0, 8)}…` : name}`,
  you: 'you',
  late: 'Late',
  /** How long ago something was: `ms` since 1970, `age` in ms. */
  age: (ms, age) => {
    const minutes = Math.max(0, Math.floor(age / 60_000));
    return minutes < 100 ? `${minutes} min` : `since ${time.format(ms)}`;
  },

  // Photos of an order
  photo: 'Photo',
  photos: 'Photos',
  photoOf: (id, ms) => `Order ${short(id)}, photo of ${time.format(ms)}`,
  photoAt: (ms) => `Photo of ${time.format(ms)}`,
  enlarge: 'Show the photo large',
  close: 'Close',
  addPhoto: 'Add a photo',
  photoSending: 'Sending your photo…',
  photoAdded: 'Your photo is with your order.',
  photoRemoving: 'Removing your photo…',
  photoRemoved: 'Your photo is removed.',
  removePhoto: 'Remove this photo',
  removePhotoSure: 'Remove?',
  notAPicture: 'That file is no picture that can be shown here. Please choose another one.',
  /** Why a photo was not taken, by the answer's status. @type {Record<number, string>} */
  photoRefused: {
    409: 'There is no room for more photos. Remove one first.',
    413: 'That photo is too large. Please choose another one.',
    415: 'That file is no picture that we can keep. Please choose another one.',
  },

  // The payer's page
  locale: 'en-IE',
  invoice: 'Your invoice',
  invoiceLoading: {heading: 'Your invoice', text: 'Looking for it…'},
  invoicePaid: 'Paid. Thank you!',
  linkUnknown: {
    heading: 'No invoice here',
    text: 'This link leads to none. Please open it from the mail again, all of it.',
  },
  nothingToPay: 'Nothing to pay',
  sentOn: (ms) => `Sent on ${date.format(ms)}`,
  paidOn: (ms, method) => `Paid on ${date.format(ms)} by ${method}`,
  pay: (price) => `Pay ${price}`,
  oneMoment: 'One moment…',
  lookAgain: 'Try again',
  paymentUnsure: 'We do not know whether that went through. Try again: nothing is paid twice.',

  unreachable: 'The café cannot be reached right now. Check your connection and try again.',
  failed: 'That did not work. Please try again in a moment.',
}));

/**
 * "1 item", "2 items": counts are read out, so they have to be grammatical.
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
 * What people call an order by: the end of its id, which is enough among those of an hour.
 * @param {string} id
 */
function short(id) {
  return id.slice(-4).toUpperCase();
}
