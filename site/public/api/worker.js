/**
 * Calls the API in a worker, so that the page cannot access the tokens.
 *
 * @typedef {import('./orders.js').Order} Order
 * @typedef {import('../lib/cart.js').Item} Item
 * @typedef {{orders: Order[], next: string | null}} OrdersPage newest first; `next`: the URL of the next page
 * @typedef {{id: string, userid: string, orderId?: string, contentType: string, size: number, url?: string,
 *   _createdAt: number}} Photo `url` is valid for five minutes
 * @typedef {'signUp' | 'resend' | 'confirm' | 'forget' | 'reset'} AccountStep
 * @typedef {{type: 'account', step: AccountStep, input: any}
 *   | {type: 'sign-in', username: string, password: string, stay: boolean}
 *   | {type: 'answer-challenge', answer: {newPassword: string} | {code: string}}
 *   | {type: 'sign-in-code', code: string, verifier: string, redirectUri: string, stay: boolean}
 *   | {type: 'resume'} | {type: 'be-guest'} | {type: 'leave'} | {type: 'sign-out'} | {type: 'listen', wanted: boolean, online: boolean}
 *   | {type: 'orders', next?: string} | {type: 'all-orders'} | {type: 'latest-orders', since: number}
 *   | {type: 'order', customer: string, id: string}
 *   | {type: 'place-order', order: import('./orders.js').NewOrder}
 *   | {type: 'keep-order', order: import('./orders.js').NewOrder}
 *   | {type: 'move-order', customer: string, id: string, status: string, reason?: string}
 *   | {type: 'waiting'} | {type: 'forget', id: string} | {type: 'flush', kept: string}
 *   | {type: 'call', path: string, method: string, body?: unknown, headers?: Record<string, string>} | {type: 'display', token: string}
 *   | {type: 'be-display', token: string}
 *   | {type: 'photos', userid?: string, since?: number}
 *   | {type: 'add-photo', orderId: string, blob: Blob} | {type: 'remove-photo', id: string}
 *   | {type: 'invoice', token: string} | {type: 'pay', token: string, method: string, key: string}} Request
 * @typedef {{number: number, value: unknown} | {number: number, problem: import('./http.js').Problem}} Reply
 *   `number` is the request's
 */
import * as outbox from '../lib/outbox.js';
import * as account from './account.js';
import {ask, call, Failure, statusOf} from './http.js';
import {Live} from './live.js';
import {orderPath, sendOrder} from './orders.js';
import * as session from './session.js';

const UPLOAD_PATIENCE_MS = 120_000; // 2 MB over a poor connection
/** In the order of an order's life: querying in this sequence misses no order that moves on in the meantime. */
const OPEN = ['created', 'accepted', 'ready'];
const ENDS = ['filled', 'cancelled'];
const MOST_ORDERS = 1000; // of each status on the board

/** @type {Map<string, import('./http.js').Answer>} the last answers with an ETag, by path */
const known = new Map();

const live = new Live((message) => postMessage({live: message}));

/** @type {{[T in Request['type']]: (request: Extract<Request, {type: T}>) => unknown}} */
const actions = {
  'sign-in': (request) => session.signIn(request),
  'answer-challenge': ({answer}) => session.answerChallenge(answer),
  'sign-in-code': (request) => session.signInByCode(request),
  account: ({step, input}) => account[step](input),
  resume: () => session.resume(),
  'be-guest': () => session.beGuest(),
  leave() {
    live.want(false);
    known.clear();
    session.leave();
  },
  'sign-out': () => {
    live.want(false);
    known.clear();
    return session.signOut();
  },
  orders: ({next}) => ownOrders(next),
  order: ({customer, id}) => session.callSignedIn(orderPath(customer, id), {}, customer),
  'all-orders': allOrders,
  'latest-orders': ({since}) => latestOrders(since),
  'place-order': ({order}) => placeOrder(order),
  'move-order': ({customer, id, status, reason}) =>
    session.callSignedIn(orderPath(customer, id), {method: 'PATCH', body: {status, reason}}, customer),
  listen: ({wanted, online}) => live.want(wanted, online),
  'keep-order': ({order}) => outbox.keep({...order, customer: '', placedAt: Date.now()}),
  waiting: () => outbox.shown(customers()),
  forget: ({id}) => outbox.forget(id),
  async flush({kept}) {
    if (kept) await outbox.adopt(kept, session.customer(), customers());
    await outbox.flush(customers(), sendOrder);
  },
  call: ({path, method, body, headers}) => session.askSignedIn(path, {method, body, headers}),
  display: ({token}) => displayed(token),
  'be-display': ({token}) => session.beDisplay(token),
  photos: ({userid, since = 0}) => photos(userid ?? '', since),
  'add-photo': addPhoto,
  'remove-photo': ({id}) => session.callSignedIn(`photos/${encodeURIComponent(id)}`, {method: 'DELETE'}),
  invoice: ({token}) => call(`pay/${token}`),
  pay: ({token, method, key}) => call(`pay/${token}`, {body: {method}, headers: {'Idempotency-Key': key}}),
};

addEventListener('message', async ({data: {number, request}}) => {
  try {
    // `actions` has the matching function for each type, which TypeScript cannot infer.
    const action = /** @type {(request: Request) => unknown} */ (actions[/** @type {Request} */ (request).type]);
    postMessage({number, value: await action(request)});
  } catch (error) {
    postMessage({number, problem: error instanceof Failure ? error.problem : {status: 0}});
  }
});

/** The user, and the guest that the user was before: orders of both are sent. */
const customers = () => [session.customer(), session.formerGuest()].filter(Boolean);

/**
 * Sends a conditional GET: the API answers 304 if nothing has changed since the last request.
 * @param {string} path
 */
async function look(path) {
  const last = known.get(path);
  const answer = await session.askSignedIn(path, last?.etag ? {headers: {'If-None-Match': last.etag}} : {});
  if (last && answer.status === 304) return {...last, now: answer.now};
  // Not further pages: their addresses change with every new entry.
  if (answer.etag && !path.includes('cursor=')) known.set(path, answer);
  return answer;
}

/**
 * Returns a page of the user's own orders, for staff too, and the open orders that the user placed as a guest.
 * @param {string} [next]
 */
async function ownOrders(next) {
  const first = session.isStaff() ? `orders?${new URLSearchParams({customer: session.customer()})}` : 'orders';
  const answer = await look(next ?? first);
  /** @type {Order[]} */
  let before = [];
  if (!next && session.formerGuest()) {
    before = await session.callSignedIn('orders', {}, session.formerGuest()).catch(() => []);
    before = before.filter(({status}) => OPEN.includes(status));
  }
  return {orders: [...before, ...answer.value], next: answer.next};
}

/**
 * Returns what a display shows.
 * @param {string} token
 */
async function displayed(token) {
  const last = known.get(token);
  const headers = {Authorization: token, ...(last?.etag && {'If-None-Match': last.etag})};
  const answer = await ask('display', {headers});
  if (answer.status === 304 && last) return last.value;
  known.set(token, answer);
  return answer.value;
}

/**
 * Returns the entries of all pages of a list.
 * @param {string} first
 * @param {(page: any[]) => boolean} [enough] whether to stop after a page
 * @param {(answer: import('./http.js').Answer) => void} [seen] gets each answer
 * @returns {Promise<any[]>}
 */
async function pages(first, enough = () => false, seen = () => {}) {
  const found = [];
  /** @type {string | null} */
  let path = first;
  while (path) {
    const answer = await look(path);
    seen(answer);
    const {value, next} = answer;
    found.push(...value);
    path = enough(value) ? null : next;
  }
  return found;
}

/** For staff: the open orders and the latest finished ones, newest first, and the API's time in ms.
 * `cut`: whether there are more open orders. */
async function allOrders() {
  /** @type {Map<string, Order>} */
  const found = new Map();
  const add = (/** @type {Order} */ order) => found.set(orderPath(order.customer, order.id), order);
  let now = 0;
  let cut = false;
  for (const status of OPEN) {
    const found = await pages(`orders?status=${status}&limit=100`, isLong());
    cut ||= found.length >= MOST_ORDERS;
    found.forEach(add);
  }
  for (const status of ENDS) {
    const answer = await look(`orders?status=${status}`);
    answer.value.forEach(add);
    now = answer.now;
  }
  const orders = [...found.values()].sort((a, b) => b._createdAt - a._createdAt);
  return {orders, now, cut};
}

/**
 * For staff: all orders that were created since a time (ms), and some older ones.
 * @param {number} since
 */
async function latestOrders(since) {
  const isCut = isLong();
  let now = Date.now();
  let whole = false;
  const orders = await pages('orders?limit=100', (page) => {
    whole = page.some((it) => it._createdAt < since);
    return whole || isCut(page);
  }, (answer) => {
    now = answer.now;
    whole ||= !answer.next;
  });
  return {orders, now, whole};
}

/** Returns a function that ends a list after `MOST_ORDERS`: a board with more is no help, and slows down everything. */
function isLong() {
  let count = 0;
  return (/** @type {unknown[]} */ page) => (count += page.length) >= MOST_ORDERS;
}

/**
 * Places an order. If the network is down, the order goes to the outbox, with the status `waiting`.
 * @param {import('./orders.js').NewOrder} order
 * @returns {Promise<Order>}
 */
async function placeOrder(order) {
  const customer = session.customer();
  try {
    return await sendOrder(order);
  } catch (error) {
    if (statusOf(error) || !customer) throw error;
    const placedAt = Date.now();
    await outbox.keep({...order, customer, placedAt}).catch(() => {
      throw error;
    });
    return {...order, customer, status: 'waiting', _createdAt: placedAt};
  }
}

/**
 * Returns photos, newest first: the user's own; for staff, everyone's or one customer's.
 * @param {string} userid
 * @param {number} since ms; older photos are left out
 * @returns {Promise<Photo[]>}
 */
async function photos(userid, since) {
  const query = new URLSearchParams({limit: '100', ...(userid && {userid})});
  const found = await pages(`photos?${query}`, (page) => page.some(({_createdAt}) => _createdAt < since));
  return found.filter(({_createdAt}) => _createdAt >= since);
}

/**
 * @param {{orderId: string, blob: Blob}} photo at most 2 MB
 * @returns {Promise<Photo>}
 */
async function addPhoto({orderId, blob}) {
  const body = {userid: session.customer(), photo: await base64(blob), orderId};
  return session.callSignedIn('form', {body, timeout: UPLOAD_PATIENCE_MS});
}

/** @param {Blob} blob */
async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = '';
  // In chunks: the number of arguments is limited.
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}
