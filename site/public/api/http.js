/**
 * HTTP calls to the API. It does not use the DOM, because the service worker imports it too.
 *
 * @typedef {{api: {apiUrl: string}, auth: {clientId: string, hostedPagesUrl: string, cognitoUrl: string},
 *   live?: {host: string, url: string}}} Settings
 * @typedef {{status: number, detail?: string, errors?: {field: string, problem: string}[], challenge?: string,
 *   session?: string, code?: string}} Problem the API's problem document; `status` is 0 if the API was unreachable; `code` is
 *   Cognito's name of an error
 * @typedef {{method?: string, body?: unknown, headers?: Record<string, string>, timeout?: number}} Options
 *   `method` defaults to GET, or POST with a body; `timeout` is the timeout in ms
 * @typedef {{status: number, value: any, etag: string | null, next: string | null, now: number}} Answer
 *   `value`: the JSON, or null; `next`: the URL of a list's next page; `now`: the API's time in ms
 */

const TIMEOUT_MS = 20_000;
/** @type {Promise<Settings> | undefined} */
let settings;

/** An error that carries a {@link Problem}. */
export class Failure extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(`status ${problem.status}`);
    this.problem = problem;
  }
}

/**
 * Returns the status of an error; 0 if the API was unreachable.
 * @param {unknown} error
 */
export const statusOf = (error) => (error instanceof Failure ? error.problem.status : 0);

/**
 * Returns the content of `/api.json`, which is fetched once, and again after a failure.
 * @returns {Promise<Settings>}
 */
export function getSettings() {
  settings ??= reach('/api.json', {}).then((response) => response.json());
  settings.catch(() => (settings = undefined));
  return settings;
}

/**
 * Sends and receives JSON.
 * @param {string} path relative to the API's base URL, or a `next` of an {@link Answer}
 * @param {Options} [options]
 * @returns {Promise<Answer>} also for a 304, if `headers` made the request conditional
 * @throws {Failure}
 */
export async function ask(path, {method, body, headers, timeout = TIMEOUT_MS} = {}) {
  const base = new URL((await getSettings()).api.apiUrl, location.origin);
  const response = await reach(new URL(path, base), {
    method: method ?? (body ? 'POST' : 'GET'),
    headers: {Accept: 'application/json', ...(body ? {'Content-Type': 'application/json'} : {}), ...headers},
    body: body ? JSON.stringify(body) : undefined,
    cache: 'no-store',
    signal: AbortSignal.timeout(timeout),
  });
  if (!response.ok && response.status !== 304) throw await failureOf(response);
  return {
    status: response.status,
    value: [204, 304].includes(response.status) ? null : await response.json().catch(unreached),
    etag: response.headers.get('ETag'),
    next: nextOf(response, base),
    now: Date.parse(response.headers.get('Date') ?? '') || Date.now(),
  };
}

/**
 * Returns the JSON of an {@link ask}.
 * @param {string} path
 * @param {Options} [options]
 */
export async function call(path, options) {
  return (await ask(path, options)).value;
}

/**
 * `fetch` without cookies, which rejects with a {@link Failure}.
 * @param {string | URL} url
 * @param {RequestInit} init
 */
export function reach(url, init) {
  return fetch(url, {credentials: 'omit', ...init}).catch(unreached);
}

/**
 * Converts an error response to a {@link Failure}.
 * @param {Response} response
 */
export async function failureOf(response) {
  // A gateway on the path can answer without a problem document: then only the status counts.
  const problem = await response.json().catch(() => null);
  return new Failure({...problem, status: response.status});
}

/** @returns {never} */
function unreached() {
  throw new Failure({status: 0});
}

/**
 * Returns the URL of the next page. The token is sent to it, so it must be on the API.
 * @param {Response} response
 * @param {URL} base
 */
function nextOf(response, base) {
  const [, link] = response.headers.get('Link')?.match(/<([^>]*)>;\s*rel="next"/) ?? [];
  const next = link ? new URL(link, response.url).href : '';
  return next.startsWith(base.href) ? next : null;
}
