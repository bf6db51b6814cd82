/**
 * The site's files in the service worker: one cache for each version, filled completely before use. The file list is
 * written last, so a cache with a list is complete. A page and its workers get all files from the cache that the page
 * was opened from, even after a new version is published: modules of two versions do not work together.
 *
 * @typedef {{version: string, files: Record<string, string>, policy: string | null}} List
 *   the content of `/precache.json`: the SHA-256 of each file by path; and the content security policy of the response,
 *   which is stored with the pages and can change without them
 */

const LIST = '/precache.json';
const PREFIX = 'site-';
const KEPT = 3; // versions, as pages of older ones can be open
const TIMEOUT_MS = 20_000;

/**
 * Checks for a new version and fetches its changed files. On failure, rejects and leaves the caches unchanged.
 * @returns {Promise<string>} the name of the newest version's cache
 */
export async function update() {
  return await navigator.locks.request('site-versions', async () => {
    const list = await fetchList();
    const name = await newest();
    const old = name ? await listOf(name) : undefined;
    const samePolicy = old?.policy === list.policy;
    if (name && samePolicy && old?.version === list.version) return name;
    const known = samePolicy ? old?.files : {};
    return fill(list, async (path, digest) => (known?.[path] === digest ? file(name, path) : undefined));
  });
}

/** @returns {Promise<string | undefined>} the name of the newest complete cache */
export async function newest() {
  return (await whole()).at(-1);
}

/**
 * Records the version from which a page or worker gets its files.
 * @param {string} client its ID; '' is ignored
 * @param {string} name of a cache
 */
export async function pin(client, name) {
  if (client) await (await caches.open(name)).put(noteOf(client), new Response(name));
}

/**
 * @param {string} client the ID of a page or worker
 * @returns {Promise<string | undefined>} the name of the cache that it uses
 */
export async function cacheOf(client) {
  return (await (await caches.match(noteOf(client)))?.text()) ?? newest();
}

/**
 * @param {string | undefined} name of a cache
 * @param {string} path
 * @returns {Promise<Response | undefined>}
 */
export async function file(name, path) {
  return name ? caches.match(path, {cacheName: name}) : undefined;
}

/** @param {string} name of a cache; returns its position among the versions, or 0 */
const countOf = (name) => (name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) || 0 : 0);

/** @param {string} client */
const noteOf = (client) => `/clients/${client}`;

/**
 * @param {string} name of a cache
 * @returns {Promise<List | undefined>}
 */
const listOf = async (name) => (await file(name, LIST))?.json();

/** @returns {Promise<string[]>} names of caches, oldest first */
async function whole() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX)).sort((a, b) => countOf(a) - countOf(b));
  const lists = await Promise.all(names.map((name) => file(name, LIST)));
  return names.filter((_, index) => lists[index]);
}

/**
 * Creates the cache of a version.
 * @param {List} list
 * @param {(path: string, digest: string) => Promise<Response | undefined>} find returns a file that need not be fetched
 * @returns {Promise<string>} its name
 */
async function fill(list, find) {
  // Counted, not dated: a device's clock can go back, and bring an old version back with it.
  const name = `${PREFIX}${Math.max(0, ...(await caches.keys()).map(countOf)) + 1}`;
  const cache = await caches.open(name);
  try {
    await Promise.all(Object.entries(list.files).map(async ([path, digest]) =>
      cache.put(path, (await find(path, digest)) ?? (await fetchFile(path, digest)))));
    await cache.put(LIST, new Response(JSON.stringify(list)));
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
  await tidy();
  return name;
}

/** Removes old versions, and incomplete caches of a service worker that was stopped. */
async function tidy() {
  const kept = (await whole()).slice(-KEPT);
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && !kept.includes(name));
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** @returns {Promise<List>} */
async function fetchList() {
  const response = await fetchNow(LIST);
  return {...(await response.json()), policy: response.headers.get('Content-Security-Policy')};
}

/**
 * Fetches a file and checks its digest: during publishing, some files are older or newer than the list.
 * @param {string} path
 * @param {string} digest
 */
async function fetchFile(path, digest) {
  const response = await fetchNow(path);
  const bytes = await crypto.subtle.digest('SHA-256', await response.clone().arrayBuffer());
  const found = Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== digest) throw new Error(`${path} is from another version`);
  return response;
}

/** @param {string} path */
async function fetchNow(path) {
  const response = await fetch(path, {cache: 'no-cache', signal: AbortSignal.timeout(TIMEOUT_MS)});
  if (!response.ok) throw new Error(`${path}: status ${response.status}`);
  return response;
}
