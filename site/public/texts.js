/** Texts that the scripts show; the HTML pages contain the others. To reword or translate the app, edit these files. */

const LOCALE = 'en-IE';
const time = new Intl.DateTimeFormat(LOCALE, {weekday: 'short', hour: '2-digit', minute: '2-digit'});
const clock = new Intl.DateTimeFormat(LOCALE, {timeStyle: 'short'});
const soon = new Intl.DateTimeFormat(LOCALE, {weekday: 'long', hour: '2-digit', minute: '2-digit'});
const date = new Intl.DateTimeFormat(LOCALE, {dateStyle: 'long', timeStyle: 'short'});

/**
 * A time: with its weekday within a day, and with its date otherwise.
 * @param {number} ms
 */
const when = (ms) => (Math.abs(Date.now() - ms) < 86_400_000 ? time : date).format(ms);

/** A text, or a function that formats one. @typedef {string | ((...values: any[]) => string)} Text */

// Currencies with other than two decimal digits (ISO 4217). `Intl` uses the digits of shop prices instead, which would
// show 1250 hundredths of an Afghani as 1250 Afghani.
const NO_DIGITS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' ');
const THREE_DIGITS = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');

/**
 * Formats an amount.
 * @param {number} amount in minor units of the currency, as in the API
 * @param {string} currency ISO 4217
 */
function money(amount, currency) {
  const digits = NO_DIGITS.includes(currency) ? 0 : THREE_DIGITS.includes(currency) ? 3 : 2;
  return new Intl.NumberFormat(LOCALE, {
    style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}

export const texts = Object.freeze(/** @satisfies {Record<string, Text | object>} */ ({
  title: 'The café',

  menu: 'Menu',
  menuLoading: 'Loading menu…',
  menuFailed: 'The menu could not be loaded. Please reload the page.',
  add: 'Add',
  soldOut: 'Sold out',
  closed: (opensAt) => `We are closed. ${opensAt ? `We open again ${soon.format(opensAt)}.` : 'Please come back later.'}`,
  addLong: (name) => `Add ${name} to the cart`,
  added: (name, count) => `${name} added. ${items(count)} in your cart.`,
  removed: (name) => `${name} removed.`,
  inCart: (count) => `${count} in cart`,
  money,

  // The sheet with a product's options
  optionGroup: (group) => group.charAt(0).toUpperCase() + group.slice(1),
  noOption: 'As it comes',
  note: 'Note',
  noteHint: 'Optional, for example: extra hot',
  addFor: (price, isChange) => `${isChange ? 'Change' : 'Add to cart'} · ${price}`,
  back: 'Back',
  optionGone: (name) => `“${name}” is no longer available.`,

  cart: 'Cart',
  cartLink: (count) => `Cart, ${items(count)}`,
  cartEmpty: 'Nothing here yet. What would you like?',
  quantity: (name) => `Quantity of ${name}`,
  less: (name) => `One less ${name}`,
  more: (name) => `One more ${name}`,
  remove: (name) => `Remove ${name}`,
  change: 'Change',
  changeLong: (name) => `Change ${name}`,
  total: 'Total',
  pickupName: 'Your name',
  nameMissing: 'Please enter a name that we can call.',
  cartProblem: 'Something in your cart is not available right now. Please change or remove it.',
  placeOrder: 'Place order',
  placing: 'Sending your order…',
  placed: 'Thank you! Your order is in.',
  orderKept: 'You are offline. Your order is saved on this device. Send it when you are back online.',
  orderWaits: 'You are offline. Your order is saved and will be sent when you are back online.',

  signIn: 'Sign in',
  signInWhy: 'Sign in to follow all your orders in one place.',
  signInToOrder: 'Sign in, and we will send your order right away.',
  signInAgainToOrder: 'Please sign in again, and we will send your order right away.',
  otherTab: 'Somebody else signed in in another tab. Sign in again to continue here.',
  guestOver: 'Your session has ended. Orders that are not sent yet are still here.',
  sessionOver: 'Please sign in again. Your cart stays as it is.',
  wrongPassword: 'The email address or the password is wrong.',
  newAccount: 'Create an account',
  forgotten: 'Forgot your password?',
  mailedCode: 'Code from the email',
  /** The button of each form. @type {Record<string, string>} */
  signInButtons: {signUp: 'Create account', confirm: 'Confirm', forget: 'Send a code', reset: 'Set password'},
  /** What Cognito refuses, by its name of the error. @type {Record<string, string>} */
  accountProblems: {
    UsernameExistsException: 'There is already an account with this email address.',
    InvalidPasswordException: 'Choose at least 12 characters, with uppercase and lowercase letters, digits and symbols.',
    CodeMismatchException: 'The code is wrong.',
    ExpiredCodeException: 'The code is no longer valid. Start over to get another one.',
    LimitExceededException: 'Too many attempts. Please try again later.',
    InvalidParameterException: 'Please check the email address and the password.',
  },
  username: 'Email',
  password: 'Password',
  stay: 'Stay signed in',
  stayWhy: 'Keeps a key to your account on this device until you sign out. Leave it off on shared devices.',
  signInHosted: 'Sign in on the account page',
  startOver: 'Start over',
  /** The explanation of each step after the password. @type {Record<string, string>} */
  signInSteps: {
    newPassword: 'Choose at least 12 characters, with uppercase and lowercase letters, digits and symbols.',
    signUp: 'We send a code to your email address to confirm it.',
    confirm: 'We have sent you an email. Enter the code from it.',
    forget: 'We send a code to your email address, with which you choose a new password.',
    reset: 'If there is an account with this address, we have sent it a code. Enter it with a new password.',
    code: 'Enter the six-digit code from your authenticator app.',
  },
  newPassword: 'New password',
  code: 'Code',
  unknownChallenge: 'Your account needs a step that this form does not support. Sign in on the account page.',
  notStartedHere: 'That sign-in was not started here or not finished. Please try again.',
  signedIn: (username) => `Signed in as ${username}.`,
  signedOut: 'You are signed out.',
  unsentWarning: (count) => `${orders(count)} not sent yet would be lost. Sign out again to continue anyway.`,
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
  /** `number`: what staff call out; orders that are not sent yet have none. */
  orderName: (number) => (number === undefined ? 'Order' : `No. ${number}`),
  orderFrom: when,
  nowIs: (number, status, reason = '') =>
    `${number === undefined ? 'Your order' : called(number)} is now ${word(status)}.${reason ? ` ${reason}` : ''}`,
  waitingTitle: (numbers) => `Your number: ${numbers.join(', ')}`,
  yourNumber: 'Your number',
  readyTitle: (number) => `Number ${number} is ready – The café`,
  wait: ({ahead, seconds}) => (ahead === 0 ? 'You are next.' : `${orders(ahead)} before yours.`) +
    (seconds === null ? '' : ` About ${Math.max(1, Math.round(seconds / 60))} min.`),
  tellMe: 'Notify me when it is ready',
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
    kept: ['Not sent', 'It was saved on this device, and is sent only when you say so.'],
    held: ['Not sent yet', 'It will be sent when the customer signs in again.'],
    refused: ['Not accepted', ''],
  },

  // The display
  display: 'Orders',
  displayTitle: 'Display – The café',
  /** The heading of each column. @type {Record<string, string>} */
  displayed: {accepted: 'Being made', ready: 'Ready'},
  displayUnknown: 'This display is not registered. Add it on the board, and open the link there.',
  orderHere: 'Order here:',
  qr: 'A code with the address of this page',

  // The board
  board: 'Orders',
  boardLoading: 'Loading orders…',
  boardSignIn: 'Sign in with a staff account to see the orders.',
  boardStaffOnly: 'The board is for staff only. This is not a staff account.',
  boardCut: 'There are more open orders than the board shows. The oldest ones are missing.',
  boardEnded: 'Recently finished',
  /** The heading of each column. @type {Record<string, string>} */
  columns: {make: 'To make', ready: 'Ready'},
  find: 'Find by number or name',
  rest: (count) => `and ${count} more`,
  nothingFound: 'Nothing found.',
  undo: (number, status) => `Undo: ${called(number).toLowerCase()} ${word(status)}`,
  reason: 'Reason, which the customer reads (optional)',
  /** Suggestions. @type {string[]} */
  reasons: ['Sold out', 'We are closing', 'Nobody came for it', 'Ordered by mistake'],
  counter: 'The counter',
  openLabel: 'Orders are',
  /** The positions of the switch, by their values. @type {Record<string, string>} */
  openStates: {hours: 'open by the hours', true: 'open', false: 'closed'},
  onTheMenu: 'On the menu',
  counterFailed: (why) => `That was not saved. ${why}`,
  displays: 'Displays',
  addDisplay: 'Add a display',
  openDisplay: 'Open this link on the screen, once:',
  displayNo: (id) => `Display ${id.slice(0, 4)}`,
  removeDisplay: 'Remove',
  removeDisplayLong: (id) => `Remove display ${id.slice(0, 4)}`,
  /** The text for each empty list. @type {Record<string, string>} */
  boardEmpty: {
    make: 'Nothing to make.',
    ready: 'Nothing to hand over.',
    ended: 'Nothing yet.',
  },
  newOrders: (count) => `${count} new ${count === 1 ? 'order' : 'orders'}.`,
  /** The label of the button that moves an order to a status. @type {Record<string, string>} */
  move: {accepted: 'Accept', ready: 'Ready', filled: 'Handed over', cancelled: 'Cancel'},
  moveLong: (number, status) => `${texts.move[status]}: ${called(number)}`,
  moveCancelSure: 'Really cancel?',
  orderMoved: (number, status) => `${called(number)} is now ${word(status)}.`,
  orderOvertaken: (number) => `${called(number)} was changed by someone else. The board shows its current state.`,
  orderGone: (number) => `${called(number)} no longer exists.`,
  orderNotMoved: (number, why) => `${called(number)} might not have moved. ${why}`,
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
  photoOf: (number, ms) => `${called(number)}, photo of ${when(ms)}`,
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
  invoice: 'Your invoice',
  invoiceLoading: {heading: 'Your invoice', text: 'Loading…'},
  invoicePaid: 'Paid. Thank you!',
  printReceipt: 'Print the receipt',
  standIn: 'This page stands in for a payment provider: no money is moved.',
  linkUnknown: {
    heading: 'Invoice not found',
    text: 'This link is not valid. Please open the whole link from the email again.',
  },
  nothingToPay: 'Nothing to pay',
  payee: (number) => `To the café · Invoice ${number}`,
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

/** @type {(status: string) => string} */
function word(status) {
  return (texts.status[status]?.[0] ?? status).toLowerCase();
}

/**
 * An order by the number that staff call out; orders from before there were numbers have none.
 * @param {number | undefined} number
 */
function called(number) {
  return number === undefined ? 'The order' : `Number ${number}`;
}
