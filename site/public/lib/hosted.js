/**
 * Signing in on Cognito's hosted page: the authorization code flow with PKCE (RFC 7636). What proves that the answer
 * belongs to this tab's question is in the tab's session storage meanwhile.
 */
import {getSettings} from '../api/http.js';

const KEY = 'caffe-hosted';
const redirectUri = () => `${location.origin}/`;

/**
 * Leaves for the hosted page.
 * @param {boolean} stay signed in also after the page
 */
export async function leave(stay) {
  const {clientId, hostedPagesUrl} = (await getSettings()).auth;
  const [verifier, state] = [secret(), secret()];
  sessionStorage.setItem(KEY, JSON.stringify({verifier, state, stay, hash: location.hash}));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const page = new URL('/oauth2/authorize', hostedPagesUrl);
  page.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(),
    scope: 'openid email',
    state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
  }).toString();
  location.assign(page);
}

/**
 * Reads what the hosted page sent along, and takes it out of the address and of the history.
 * @returns {{code: string, verifier: string, redirectUri: string, stay: boolean} | null} null when it is no answer to
 *   what this tab asked
 */
export function arrive() {
  const answer = new URLSearchParams(location.search);
  const asked = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
  sessionStorage.removeItem(KEY);
  history.replaceState(null, '', location.pathname + (asked?.hash ?? ''));
  const code = answer.get('code');
  if (!code || !asked || answer.get('state') !== asked.state) return null;
  return {code, verifier: asked.verifier, redirectUri: redirectUri(), stay: asked.stay};
}

/**
 * Ends the session that the hosted page keeps in a cookie of its own: it would let the next person in without asking.
 * The page comes back here.
 */
export async function endSession() {
  const {clientId, hostedPagesUrl} = (await getSettings()).auth;
  const page = new URL('/logout', hostedPagesUrl);
  page.search = new URLSearchParams({client_id: clientId, logout_uri: redirectUri()}).toString();
  location.assign(page);
}

const secret = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** @param {Uint8Array} bytes */
const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
