/**
 * Talks to the API, away from the page: the token lives here, in memory, and nowhere else.
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
let settings;

const actions = {
  async 'sign-in'({username, password}) {
    token = (await call('authenticate', {body: {username, password}})).token;
  },
  'sign-out'() {
    token = '';
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

/** Where the API is. Asked once; asked again after a failure. */
async function apiUrl() {
  settings ??= await fetch('/api.json').then((response) => response.json());
  return new URL(settings.api.apiUrl, location.origin);
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
