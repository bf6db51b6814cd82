/**
 * Calls of the API over HTTP. It uses nothing of the page: the service worker imports it as well.
 *
 * @typedef {{api: {apiUrl: string}, auth: {clientId: string, hostedPagesUrl: string, cognitoUrl: string}}} Settings
 * @typedef {{status: number, detail?: string, errors?: {field: string, problem: string}[], challenge?: string,
 *   session?: string}} Problem what the API had to say; `status` is 0 when it could not be reached
 * @typedef {{method?: string, body?: unknown, headers?: Record<string, string>, patience?: number}} Options
 *   `method` is GET, or POST when there is a body; `patience` in ms
 * @typedef {{status: number, value: any, etag: string | null, next: string | null}} Answer
 *   `value`: the JSON, or null where there is none; `next`: where a list goes on
 */

const PATIENCE_MS = 20_000;
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
 * The status that an error stands for; 0 for whatever kept us from reaching the API.
 * @param {unknown} error
 */
export const statusOf = (error) => (error instanceof Failure ? error.problem.status : 0);

/**
 * What `/api.json` says. Asked once; asked again after a failure.
 * @returns {Promise<Settings>}
 */
export function getSettings() {
  settings ??= reach('/api.json', {}).then((response) => response.json());
  settings.catch(() => (settings = undefined));
  return settings;
}

/**
 * JSON in and out.
 * @param {string} path below the API's base, or a `next` of an {@link Answer}
 * @param {Options} [options]
 * @returns {Promise<Answer>} a 304 as well, when `headers` asked for it
 * @throws {Failure}
 */
export async function ask(path, {method, body, headers, patience = PATIENCE_MS} = {}) {
  const base = new URL((await getSettings()).api.apiUrl, location.origin);
  const response = await reach(new URL(path, base), {
    method: method ?? (body ? 'POST' : 'GET'),
    headers: {Accept: 'application/json', ...(body ? {'Content-Type': 'application/json'} : {}), ...headers},
    body: body ? JSON.stringify(body) : undefined,
    cache: 'no-store',
    signal: AbortSignal.timeout(patience),
  });
  if (!response.ok && response.status !== 304) throw await failureOf(response);
  return {
    status: response.status,
    value: [204, 304].includes(response.status) ? null : await response.json().catch(unreached),
    etag: response.headers.get('ETag'),
    next: nextOf(response, base),
  };
}

/**
 * The JSON of an {@link ask}.
 * @param {string} path
 * @param {Options} [options]
 */
export async function call(path, options) {
  return (await ask(path, options)).value;
}

/**
 * `fetch`, without cookies, that fails with a {@link Failure}.
 * @param {string | URL} url
 * @param {RequestInit} init
 */
export function reach(url, init) {
  return fetch(url, {credentials: 'omit', ...init}).catch(unreached);
}

/**
 * An answer that is none as a {@link Failure}.
 * @param {Response} response
 */
export async function failureOf(response) {
  // A gateway on the way may answer with something else than a problem: then only the status counts.
  const problem = await response.json().catch(() => null);
  return new Failure({...problem, status: response.status});
}

/** @returns {never} */
function unreached() {
  throw new Failure({status: 0});
}

/**
 * Where a list goes on. The token goes there too: so nowhere but to the API.
 * @param {Response} response
 * @param {URL} base
 */
function nextOf(response, base) {
  const [, link] = response.headers.get('Link')?.match(/<([^>]*)>;\s*rel="next"/) ?? [];
  const next = link ? new URL(link, response.url).href : '';
  return next.startsWith(base.href) ? next : null;
}
