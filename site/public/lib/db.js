/**
 * What outlives the page and is private: the orders that wait to be sent, and the session of who stays signed in. The
 * page, its worker and the service worker share it. Everything here rejects where the browser keeps nothing (private
 * windows of some browsers, a full disk): callers then go on without.
 *
 * @typedef {'orders' | 'session'} StoreName
 */

const NAME = 'caffe';
const VERSION = 1;
/** @type {StoreName[]} */
const STORES = ['orders', 'session'];

/** @type {Promise<IDBDatabase> | undefined} */
let opening;

/**
 * @param {StoreName} store
 * @param {string} key
 * @returns {Promise<any>} undefined when there is nothing under that key
 */
export const get = (store, key) => run(store, 'readonly', (it) => it.get(key));

/**
 * All values of a store, by their keys' order.
 * @param {StoreName} store
 * @returns {Promise<any[]>}
 */
export const all = (store) => run(store, 'readonly', (it) => it.getAll());

/**
 * Resolves when the value is on the disk.
 * @param {StoreName} store
 * @param {string} key
 * @param {unknown} value what structured cloning takes
 * @returns {Promise<unknown>}
 */
export const put = (store, key, value) => run(store, 'readwrite', (it) => it.put(value, key));

/**
 * @param {StoreName} store
 * @param {string} key
 * @returns {Promise<unknown>}
 */
export const remove = (store, key) => run(store, 'readwrite', (it) => it.delete(key));

/** Empties all stores, in one step. @returns {Promise<unknown>} */
export const clear = () => run(STORES, 'readwrite', (...stores) => stores.map((it) => it.clear())[0]);

/**
 * One transaction.
 * @param {StoreName | StoreName[]} names
 * @param {IDBTransactionMode} mode
 * @param {(...stores: IDBObjectStore[]) => IDBRequest} act
 * @returns {Promise<any>} what the request gave
 */
async function run(names, mode, act) {
  const transaction = (await open()).transaction(names, mode, {durability: 'strict'});
  return new Promise((resolve, reject) => {
    const request = act(...[names].flat().map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => STORES.forEach((name) => request.result.createObjectStore(name));
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      // A newer version of the app, or the browser, wants it: let go, and open it anew when it is next asked for.
      database.onversionchange = database.onclose = () => {
        database.close();
        opening = undefined;
      };
      resolve(database);
    };
  });
  opening.catch(() => (opening = undefined));
  return opening;
}
