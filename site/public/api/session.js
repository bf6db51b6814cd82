/**
 * Who is signed in, and their tokens. The access token is kept in memory only. So is the refresh token, unless one
 * wants to stay signed in: then it is in IndexedDB too, where every script of this origin could read it (so the pages
 * run none but the site's own), and nothing else could. Signing out revokes it and takes it away.
 *
 * It uses nothing of the page: the service worker imports it as well.
 *
 * @typedef {{username: string, customer: string, isStaff: boolean}} Who `username` is the e-mail address, `customer`
 *   the name that the API knows
 * @typedef {{accessToken: string, refreshToken: string, expiresIn: number}} Issued `expiresIn` in seconds
 * @typedef {{challenge: string}} Challenge another step of the sign-in, by Cognito's name for it
 */
import * as db from '../lib/db.js';
import {ask, call, Failure, failureOf, getSettings, reach, statusOf} from './http.js';

const STORE = 'session';
const KEY = 'current';
const EARLY_MS = 60_000; // a token is renewed before it ends, not in the middle of something

/** @type {{access: string, until: number, refresh: string} | null} */
let tokens = null;
/** @type {Who | null} */
let who = null;
/** @type {{username: string, session: string, stay: boolean} | null} a sign-in that takes another step */
let pending = null;
/** @type {Promise<string> | null} */
let renewing = null;

/** The name that the API knows the customer by, or ''. */
export const customer = () => who?.customer ?? '';

/** Whether who is signed in works here. */
export const isStaff = () => who?.isStaff ?? false;

/**
 * @param {{username: string, password: string, stay?: boolean}} credentials
 * @returns {Promise<Who | Challenge>}
 */
export function signIn({username, password, stay = false}) {
  return enter(username, {username, password}, stay);
}

/**
 * Goes on with a sign-in that was answered by a challenge.
 * @param {{newPassword: string} | {code: string}} answer
 * @returns {Promise<Who | Challenge>}
 */
export function answerChallenge(answer) {
  if (!pending) throw new Failure({status: 401});
  const {username, session, stay} = pending;
  return enter(username, {username, session, ...answer}, stay);
}

/**
 * With the code that Cognito's hosted page gave.
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
 * Goes on where somebody stayed signed in. It asks nobody, so it works offline; a token that is worth nothing any more
 * shows at the first call.
 * @returns {Promise<Who | null>}
 */
export async function resume() {
  const kept = await db.get(STORE, KEY).catch(() => null);
  if (!kept) return null;
  const {refreshToken, ...rest} = kept;
  tokens = {access: '', until: 0, refresh: refreshToken};
  who = rest;
  return who;
}

/** Makes the refresh token worthless, wherever it may have got to, and forgets everything private. */
export async function signOut() {
  const refresh = tokens?.refresh;
  tokens = who = pending = null;
  await db.clear().catch(() => {});
  if (refresh) await revoke(refresh);
}

/**
 * Like `ask` of http.js, for who is signed in. An access token that is about to end, or that the API does not take any
 * more, is renewed once; when that is refused, nobody is signed in any more and the error's status is 401.
 * @param {string} path
 * @param {import('./http.js').Options} [options]
 */
export async function askSignedIn(path, options) {
  const token = await accessToken();
  try {
    return await ask(path, authorized(options, token));
  } catch (error) {
    if (statusOf(error) !== 401 || !(error instanceof Failure)) throw error;
  }
  const renewed = tokens && tokens.access !== token && tokens.access ? tokens.access : await renew();
  return ask(path, authorized(options, renewed));
}

/**
 * The JSON of an {@link askSignedIn}.
 * @param {string} path
 * @param {import('./http.js').Options} [options]
 */
export async function callSignedIn(path, options) {
  return (await askSignedIn(path, options)).value;
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
  tokens = {access: accessToken, until: Date.now() + expiresIn * 1000, refresh: refreshToken};
  who = {username, customer, isStaff: groups.includes('staff')};
  // Where nothing can be stored, the sign-in lasts as long as the page.
  await (stay ? db.put(STORE, KEY, {refreshToken, ...who}) : db.remove(STORE, KEY)).catch(() => {});
  return who;
}

async function accessToken() {
  return tokens && tokens.until - EARLY_MS > Date.now() ? tokens.access : renew();
}

/** A new access token; who asks while one is on its way gets the same. */
function renew() {
  renewing ??= fetchToken().finally(() => (renewing = null));
  return renewing;
}

async function fetchToken() {
  const used = tokens;
  if (!used?.refresh) throw new Failure({status: 401});
  try {
    const {accessToken, expiresIn} = await call('authenticate', {body: {refreshToken: used.refresh}});
    // Somebody signed out or in meanwhile: this token is not theirs.
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

/** @param {string} refresh */
async function revoke(refresh) {
  try {
    const {clientId, cognitoUrl} = (await getSettings()).auth;
    await reach(cognitoUrl, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': 'AWSCognitoIdentityProviderService.RevokeToken',
      },
      body: JSON.stringify({ClientId: clientId, Token: refresh}),
      keepalive: true,
    });
  } catch {
    // Cognito cannot be reached: the token is forgotten here all the same, and ends by itself one day.
  }
}

/**
 * What a token says. Its signature is the API's business: nothing is let in here that it would not let in.
 * @param {string} token
 * @returns {Record<string, any>}
 */
function claims(token) {
  const bytes = Uint8Array.from(atob(token.split('.')[1].replace(/[-_]/g, (c) => (c === '-' ? '+' : '/'))), (c) =>
    c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
