/**
 * Makes the site work offline: pages and their files come from the cache, every page load checks for a new version,
 * and waiting orders are sent when the network is back, even if no page is open. API responses are never cached.
 */
import {sendOrder} from './api/orders.js';
import {formerGuest, resume} from './api/session.js';
import * as outbox from './lib/outbox.js';
import * as versions from './lib/versions.js';

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
const SETTINGS = '/api.json'; // written by the stack, so not one of a version's files
const TIMEOUT_MS = 1000; // how long a page waits for a new version before it uses the cache

worker.addEventListener('install', (event) => {
  worker.skipWaiting();
  event.waitUntil(Promise.all([versions.update(), fetchSettings()]));
});

// The page that installs the first service worker then works offline, too.
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('sync', (/** @type {any} */ event) => {
  if (event.tag === 'outbox') event.waitUntil(sendWaiting());
});

// A notification says that an order is ready: its page has the number.
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(showPage());
});

worker.addEventListener('fetch', (event) => {
  const {method, mode, destination, url} = event.request;
  const {origin, pathname} = new URL(url);
  if (method !== 'GET' || origin !== location.origin) return;
  if (mode === 'navigate') event.respondWith(page(event, pathname.replace(/^\/index\.html$/, '/')));
  else if (pathname === SETTINGS) event.respondWith(settings(event));
  // Script requests without a destination go to the API, below its own path.
  else if (destination || pathname.lastIndexOf('/') === 0) event.respondWith(file(event, pathname));
});

/**
 * Returns a page of the newest version available within a second. A newer version loads in the background.
 * @param {FetchEvent} event
 * @param {string} path
 */
async function page(event, path) {
  const updated = versions.update();
  event.waitUntil(updated.catch(() => {}));
  if (!(await versions.file(await versions.newest(), path))) return fetch(event.request);
  const name = (await patiently(updated)) ?? (await versions.newest());
  if (name) await versions.pin(event.resultingClientId, name);
  return (await versions.file(name, path)) ?? fetch(event.request);
}

/**
 * Returns a file of the page's version. Workers use their page's version.
 * @param {FetchEvent} event
 * @param {string} path
 */
async function file(event, path) {
  const name = await versions.cacheOf(event.clientId);
  if (name) await versions.pin(event.resultingClientId, name);
  return (await versions.file(name, path)) ?? fetch(event.request);
}

/**
 * Returns the current settings or, without a network, the last known ones.
 * @param {FetchEvent} event
 */
async function settings(event) {
  const fetched = fetchSettings();
  event.waitUntil(fetched.catch(() => {}));
  return (await patiently(fetched)) ?? (await caches.match(SETTINGS)) ?? fetched;
}

async function fetchSettings() {
  const response = await fetch(SETTINGS, {cache: 'no-cache'});
  if (!response.ok) throw new Error(`${SETTINGS}: status ${response.status}`);
  await (await caches.open('settings')).put(SETTINGS, response.clone());
  return response;
}

/**
 * Returns the result of a promise within a second, else undefined.
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T | undefined>}
 */
function patiently(promise) {
  const late = new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS));
  return Promise.race([promise, late]).catch(() => undefined);
}

/** Shows an open page, or else a new one. */
async function showPage() {
  const [open] = await worker.clients.matchAll({type: 'window', includeUncontrolled: true});
  return open ? open.focus() : worker.clients.openWindow('/');
}

/** Sends the orders if the user stays signed in; otherwise a page does. If it rejects, the browser retries later. */
async function sendWaiting() {
  const who = await resume();
  if (who) await outbox.flush([who.customer, formerGuest()].filter(Boolean), sendOrder);
}
