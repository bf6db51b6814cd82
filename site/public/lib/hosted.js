/**
 * Sign-in on Cognito's hosted page, with the authorization code flow and PKCE (RFC 7636). The tab's session storage
 * holds the verifier and state that tie the response to this tab's request.
 */
import {getSettings} from '../api/http.js';

const KEY = 'caffe-hosted';
const redirectUri = () => `${location.origin}/`;

/**
 * Goes to the hosted page.
 * @param {boolean} stay whether to stay signed in
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
 * Reads the hosted page's response, and removes it from the URL and the history.
 * @returns {{code: string, verifier: string, redirectUri: string, stay: boolean} | null} null if it does not match this
 *   tab's request
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
 * Ends the hosted page's own session, a cookie that would sign in the next person without asking. The page then
 * redirects back here.
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
