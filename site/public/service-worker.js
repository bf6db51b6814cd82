/**
 * Makes the site work without a network: pages and their files come from the cache, a new version is looked for at
 * every page load, and orders that wait are sent when the network is back, even when no page is open. What the API
 * answers is never cached.
 */
import {sendOrder} from './api/orders.js';
import {resume} from './api/session.js';
import * as outbox from './lib/outbox.js';
import * as versions from './lib/versions.js';

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
const SETTINGS = '/api.json'; // written by the stack, so not one of a version's files
const PATIENCE_MS = 1000; // how long a page waits for news before it shows what there is

worker.addEventListener('install', (event) => {
  worker.skipWaiting();
  event.waitUntil(Promise.all([versions.update(), fetchSettings()]));
});

// The page that is open when the first service worker comes works offline from then on, too.
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('sync', (/** @type {any} */ event) => {
  if (event.tag === 'outbox') event.waitUntil(sendWaiting());
});

worker.addEventListener('fetch', (event) => {
  const {method, mode, destination, url} = event.request;
  const {origin, pathname} = new URL(url);
  if (method !== 'GET' || origin !== location.origin) return;
  if (mode === 'navigate') event.respondWith(page(event, pathname.replace(/^\/index\.html$/, '/')));
  else if (pathname === SETTINGS) event.respondWith(settings(event));
  // What scripts ask for without a destination is the API's, below a path of its own; menu.json is ours.
  else if (destination || pathname.lastIndexOf('/') === 0) event.respondWith(file(event, pathname));
});

/**
 * A page of the newest version that is to be had within a second; the rest of a newer one is fetched meanwhile.
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
 * A file of the version that the page is of. Workers are of their page's version.
 * @param {FetchEvent} event
 * @param {string} path
 */
async function file(event, path) {
  const name = await versions.cacheOf(event.clientId);
  if (name) await versions.pin(event.resultingClientId, name);
  return (await versions.file(name, path)) ?? fetch(event.request);
}

/**
 * The settings as they are now or, without a network, as they were.
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
 * What a promise gives, if it does so soon; else undefined.
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T | undefined>}
 */
function patiently(promise) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  return Promise.race([promise, late]).catch(() => undefined);
}

/** For who stays signed in; else it waits for a page. When it rejects, the browser tries again later. */
async function sendWaiting() {
  const who = await resume();
  if (who) await outbox.flush(who.customer, sendOrder);
}
