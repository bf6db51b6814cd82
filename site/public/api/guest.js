/**
 * The session of a guest, who orders without an account. The token is stored in IndexedDB: without it, the guest can no
 * longer see the orders. Signing in keeps the guest's session, and signing out deletes it.
 *
 * @typedef {{token: string, until: number, customer: string}} Guest `until` in ms
 */
import * as db from '../lib/db.js';
import {call, Failure, statusOf} from './http.js';

const STORE = 'session';
const KEY = 'guest';
const EARLY_MS = 60_000; // renew a token before it expires, not in the middle of a request

/** @type {Guest | null} */
let guest = null;
/** @type {Promise<string> | null} */
let renewing = null;

/** The API's ID of the guest, or ''. */
export const customer = () => guest?.customer ?? '';

/** When the guest's token ends, in ms. */
export const until = () => guest?.until ?? 0;

/** Continues the session that is kept, if there is one. It makes no request, so it works offline. */
export async function resume() {
  guest = await stored();
}

/** Continues the session that is kept, or begins one. */
export async function begin() {
  await resume();
  if (guest) {
    await token().catch((error) => {
      if (statusOf(error) !== 401) throw error; // else it ended too long ago, and is forgotten
    });
  }
  if (!guest) await keep(await request({}));
}

/** Forgets the guest, when all private data is deleted. */
export function forget() {
  guest = null;
}

/**
 * Returns the guest's token, renewed if it is about to end; concurrent calls share one renewal.
 * @param {boolean} [isRefused] whether the API rejects the token although it has not ended
 * @throws {Failure} with the status 401 if the session is over
 */
export async function token(isRefused = false) {
  if (!guest) throw new Failure({status: 401});
  if (!isRefused && isFresh(guest)) return guest.token;
  renewing ??= renew(guest).finally(() => (renewing = null));
  return renewing;
}

/** @param {Guest} last whose token has ended */
async function renew(last) {
  // Another tab may have renewed it, or begun another session.
  const kept = await stored();
  const used = kept && kept.token !== last.token ? (guest = kept) : last;
  if (used !== last && isFresh(used)) return used.token;
  try {
    const renewed = await request({token: used.token});
    if (guest !== used) throw new Failure({status: 401}); // signed out in the meantime
    await keep(renewed);
    return renewed.token;
  } catch (error) {
    if (statusOf(error) === 401) {
      if (guest === used) guest = null;
      if ((await stored())?.token === used.token) await db.remove(STORE, KEY).catch(() => {});
    }
    throw error;
  }
}

/** @param {Guest} it */
const isFresh = (it) => it.until - EARLY_MS > Date.now();

/** @returns {Promise<Guest | null>} */
const stored = () => db.get(STORE, KEY).then((kept) => kept ?? null, () => null);

/**
 * @param {object} body of `POST /guests`
 * @returns {Promise<Guest>}
 */
async function request(body) {
  const {token, customer, expiresIn} = await call('guests', {body});
  return {token, customer, until: Date.now() + expiresIn * 1000};
}

/**
 * Keeps a guest's token. Without storage, the session lasts as long as the page.
 * @param {Guest} it
 */
async function keep(it) {
  guest = it;
  await db.put(STORE, KEY, it).catch(() => {});
}
