/**
 * Talks to the API, away from the page: the tokens live here, in memory, and nowhere else.
 *
 * @typedef {{type: 'sign-in', username: string, password: string} | {type: 'sign-out'} | {type: 'orders'}
 *   | {type: 'place-order', order: {id: string, items: import('../lib/cart.js').Item[]}}} Request
 * @typedef {{status: number, detail?: string, errors?: {field: string, problem: string}[]}} Problem
 *   `status` is 0 when the API could not be reached
 * @typedef {{number: number, value: unknown} | {number: number, problem: Problem}} Reply
 *   `number` is the one that came with the request
 */

const TIMEOUT_MS = 20_000;
let token = '';
let refreshToken = '';
let settings;

const actions = {
  async 'sign-in'({username, password}) {
    ({token, refreshToken} = await call('authenticate', {body: {username, password}}));
  },
  'sign-out'() {
    revoke(refreshToken);
    token = refreshToken = '';
  },
  orders: () => callSignedIn('orders'),
  'place-order': ({order}) => callSignedIn('orders', {body: order}),
};

addEventListener('message', async ({data: {number, request}}) => {
  try {
    postMessage({number, value: await actions[request.type](request)});
  } catch (error) {
    postMessage({number, problem: error.problem ?? {status: 0}});
  }
});

/** What `/api.json` says. Asked once; asked again after a failure. */
async function getSettings() {
  settings ??= await fetch('/api.json').then((response) => response.json());
  return settings;
}

/** Where the API is. */
async function apiUrl() {
  return new URL((await getSettings()).api.apiUrl, location.origin);
}

/** Makes a refresh token worthless, wherever it may have got to. */
async function revoke(refresh) {
  if (!refresh) return;
  try {
    const {auth: {clientId, cognitoUrl}} = await getSettings();
    await fetch(cognitoUrl, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': 'AWSCognitoIdentityProviderService.RevokeToken',
      },
      body: JSON.stringify({ClientId: clientId, Token: refresh}),
      credentials: 'omit',
      keepalive: true,
    });
  } catch {
    // The café cannot be reached: the token is forgotten here all the same, and ends by itself one day.
  }
}

async function callSignedIn(path, options) {
  if (!token) throw failure({status: 401});
  const used = token;
  try {
    return await call(path, {...options, headers: {Authorization: `Bearer ${used}`}});
  } catch (error) {
    // It is worth nothing any more, unless somebody signed in meanwhile.
    if (error.problem?.status === 401 && token === used) token = '';
    throw error;
  }
}

/** JSON in and out: GET, or POST when there is a body. Errors carry a {@link Problem}. */
async function call(path, {body, headers} = {}) {
  const response = await fetch(new URL(path, await apiUrl()), {
    method: body ? 'POST' : 'GET',
    headers: {Accept: 'application/json', ...(body && {'Content-Type': 'application/json'}), ...headers},
    body: body && JSON.stringify(body),
    cache: 'no-store',
    credentials: 'omit',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.ok) return response.json();
  // A gateway on the way may answer with something else than a problem: then only the status counts.
  const {detail, errors} = (await response.json().catch(() => null)) ?? {};
  throw failure({status: response.status, detail, errors});
}

function failure(problem) {
  return Object.assign(new Error(`status ${problem.status}`), {problem});
}
