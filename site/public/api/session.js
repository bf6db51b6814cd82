/**
 * The signed-in user and their tokens. The access token is kept only in memory. So is the refresh token, unless the
 * user stays signed in: then it is also in IndexedDB, which only scripts of this origin can read (so the pages run only
 * the site's own scripts). Signing out revokes and deletes it.
 *
 * It does not use the DOM, because the service worker imports it too.
 *
 * @typedef {{username: string, customer: string, isStaff: boolean, isGuest?: boolean, wasGuest?: boolean}} Who
 *   `username` is the email address, or '' for a guest; `customer` the API's ID of the user; `wasGuest`: whether the user was
 *   a guest on this device before
 * @typedef {{accessToken: string, refreshToken: string, expiresIn: number}} Issued `expiresIn` in seconds
 * @typedef {{challenge: string}} Challenge Cognito's name of another sign-in step
 */
import * as db from '../lib/db.js';
import {cognito} from './account.js';
import {claims} from './claims.js';
import * as guest from './guest.js';
import {ask, call, Failure, failureOf, getSettings, reach, statusOf} from './http.js';

const STORE = 'session';
const KEY = 'current';
const DISPLAY = 'display';
const EARLY_MS = 60_000; // renew a token before it expires, not in the middle of a request

/** @typedef {{access: string, until: number, refresh: string}} Tokens `refresh` is '' for a guest */

/** @type {Tokens | null} */
let tokens = null;
/** @type {Who | null} */
let who = null;
/** @type {{username: string, session: string, stay: boolean} | null} a sign-in that needs another step */
let pending = null;
/** @type {Promise<string> | null} */
let renewing = null;

/** The API's ID of the signed-in user, or ''. */
export const customer = () => who?.customer ?? '';

/** The API's ID of the guest whose orders the signed-in user still sees, or ''. */
export const formerGuest = () => (who && !who.isGuest ? guest.customer() : '');

/** Whether this is a display, which hears numbers only. */
export const isDisplay = () => who?.customer === DISPLAY;

/** Whether the signed-in user is staff. */
export const isStaff = () => who?.isStaff ?? false;

/**
 * @param {{username: string, password: string, stay?: boolean}} credentials
 * @returns {Promise<Who | Challenge>}
 */
export function signIn({username, password, stay = false}) {
  return enter(username, {username, password}, stay);
}

/**
 * Answers the challenge of a sign-in.
 * @param {{newPassword: string} | {code: string}} answer
 * @returns {Promise<Who | Challenge>}
 */
export function answerChallenge(answer) {
  if (!pending) throw new Failure({status: 401});
  const {username, session, stay} = pending;
  return enter(username, {username, session, ...answer}, stay);
}

/**
 * Signs in with a code from Cognito's hosted page.
 * @param {{code: string, verifier: string, redirectUri: string, stay?: boolean}} proof
 * @returns {Promise<Who>}
 */
export async function signInByCode({code, verifier, redirectUri, stay = false}) {
  const {clientId, hostedPagesUrl} = (await getSettings()).auth;
  const response = await reach(new URL('/oauth2/token', hostedPagesUrl), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    }),
  });
  if (!response.ok) throw await failureOf(response);
  const issued = await response.json();
  const {email} = claims(issued.id_token);
  const {access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn} = issued;
  return begin(email, {accessToken, refreshToken, expiresIn}, stay);
}

/**
 * Begins a session without an account, or continues the one that is kept.
 * @returns {Promise<Who>}
 */
export async function beGuest() {
  if (!who) await resume();
  if (who) return who;
  await guest.begin();
  // Somebody may have signed in meanwhile.
  return who ?? useGuest();
}

/**
 * Hears what displays hear. Its token does not end, and belongs to nobody.
 * @param {string} token
 */
export function beDisplay(token) {
  tokens = {access: token, until: Number.MAX_SAFE_INTEGER, refresh: ''};
  who = {username: '', customer: DISPLAY, isStaff: false};
}

/**
 * Restores the session of a user who stayed signed in. It makes no request, so it works offline; an invalid token shows
 * at the first call.
 * @returns {Promise<Who | null>}
 */
export async function resume() {
  await guest.resume();
  const kept = await db.get(STORE, KEY).catch(() => null);
  if (!kept) return guest.customer() ? useGuest() : null;
  const {refreshToken, ...rest} = kept;
  tokens = {access: '', until: 0, refresh: refreshToken};
  who = rest;
  return who;
}

/** Forgets the user in this worker only: another tab has another user. */
export function leave() {
  tokens = who = pending = null;
}

/** Revokes the refresh token, including any copies, and deletes all private data. */
export async function signOut() {
  const refresh = tokens?.refresh;
  tokens = who = pending = null;
  guest.forget();
  await db.clear().catch(() => {});
  if (refresh) await revoke(refresh);
}

/**
 * Like `ask` of http.js, with the user's access token. A token that is about to expire, or that the API rejects, is
 * renewed once. If the renewal is refused, the session ends and the error's status is 401.
 * @param {string} path
 * @param {import('./http.js').Options} [options]
 * @param {string} [customer] the owner of the orders; orders that the user placed as a guest require the guest's token
 */
export async function askSignedIn(path, options, customer) {
  if (customer && customer === formerGuest()) return askAsGuest(path, options);
  const token = await accessToken();
  try {
    return await ask(path, authorized(options, token));
  } catch (error) {
    if (statusOf(error) !== 401 || !(error instanceof Failure)) throw error;
  }
  const renewed = tokens && tokens.access !== token && tokens.access ? tokens.access : await renew();
  return ask(path, authorized(options, renewed)).catch((error) => {
    // A token that was just issued: the fault is not the user's, and no reason to end the session.
    throw statusOf(error) === 401 ? new Failure({status: 503}) : error;
  });
}

/**
 * Sends a request with the guest's token after the guest has signed in. If the guest's session has ended, the user's
 * session continues.
 * @param {string} path
 * @param {import('./http.js').Options} [options]
 */
async function askAsGuest(path, options) {
  try {
    return await ask(path, authorized(options, await guest.token()));
  } catch (error) {
    throw statusOf(error) === 401 ? new Failure({status: 403}) : error;
  }
}

/**
 * Returns the JSON of an {@link askSignedIn}.
 * @param {string} path
 * @param {import('./http.js').Options} [options]
 * @param {string} [customer]
 */
export async function callSignedIn(path, options, customer) {
  return (await askSignedIn(path, options, customer)).value;
}

/**
 * @param {import('./http.js').Options | undefined} options
 * @param {string} token
 */
function authorized(options, token) {
  return {...options, headers: {...options?.headers, Authorization: `Bearer ${token}`}};
}

/**
 * @param {string} username
 * @param {object} body of `POST /authenticate`
 * @param {boolean} stay
 * @returns {Promise<Who | Challenge>}
 */
async function enter(username, body, stay) {
  try {
    return await begin(username, await call('authenticate', {body}), stay);
  } catch (error) {
    const {challenge, session} = error instanceof Failure ? error.problem : {};
    if (!challenge || !session) throw error;
    pending = {username, session, stay};
    return {challenge};
  }
}

/**
 * @param {string} username
 * @param {Issued} issued
 * @param {boolean} stay
 * @returns {Promise<Who>}
 */
async function begin(username, {accessToken, refreshToken, expiresIn}, stay) {
  const {username: customer, 'cognito:groups': groups = []} = claims(accessToken);
  pending = null;
  if (!guest.customer()) await guest.resume();
  tokens = {access: accessToken, until: Date.now() + expiresIn * 1000, refresh: refreshToken};
  who = {username, customer, isStaff: groups.includes('staff'), wasGuest: Boolean(guest.customer())};
  // If storage is unavailable, the session lasts as long as the page.
  await (stay ? db.put(STORE, KEY, {refreshToken, ...who}) : db.remove(STORE, KEY)).catch(() => {});
  return who;
}

/** Lets the guest of this device be the user. */
async function useGuest() {
  who = {username: '', customer: guest.customer(), isStaff: false, isGuest: true};
  tokens = {access: '', until: 0, refresh: ''};
  return who;
}

async function accessToken() {
  if (who?.isGuest) return guestToken();
  return tokens && tokens.until - EARLY_MS > Date.now() ? tokens.access : renew();
}

/**
 * Returns an access token, and the time in ms when it must be replaced.
 * @throws {Failure} with the status 401 if the session is over
 */
export async function lease() {
  const token = await accessToken();
  return {token, until: (who?.isGuest ? guest.until() : tokens?.until ?? 0) - EARLY_MS};
}

/** Fetches a new access token; concurrent calls share one request. */
function renew() {
  renewing ??= fetchToken().finally(() => (renewing = null));
  return renewing;
}

async function fetchToken() {
  const used = tokens;
  if (who?.isGuest) return guestToken(true);
  if (!used?.refresh) throw new Failure({status: 401});
  try {
    const {accessToken, expiresIn} = await call('authenticate', {body: {refreshToken: used.refresh}});
    // The user has changed in the meantime: this token is not theirs.
    if (tokens !== used) throw new Failure({status: 401});
    tokens = {...used, access: accessToken, until: Date.now() + expiresIn * 1000};
    return tokens.access;
  } catch (error) {
    if (statusOf(error) === 401 && tokens === used) {
      tokens = who = null;
      await db.remove(STORE, KEY).catch(() => {});
    }
    throw error;
  }
}

/**
 * The token of the guest who is the user. If it cannot be renewed, the session ends.
 * @param {boolean} [isRefused] whether the API rejects the last one
 */
async function guestToken(isRefused) {
  const used = tokens;
  try {
    const access = await guest.token(isRefused);
    if (tokens === used && tokens) tokens.access = access;
    // Another tab may have begun another session.
    if (who?.isGuest) who.customer = guest.customer();
    return access;
  } catch (error) {
    if (statusOf(error) === 401 && tokens === used) tokens = who = null;
    throw error;
  }
}

/** @param {string} refresh */
async function revoke(refresh) {
  try {
    await cognito('RevokeToken', {Token: refresh});
  } catch {
    // Cognito is unreachable: the token is still deleted here, and expires later.
  }
}
