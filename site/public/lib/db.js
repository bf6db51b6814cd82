/**
 * Private data that outlives the page: waiting orders, and the session of a user who stays signed in. The page, its
 * worker and the service worker share it. Everything here rejects if the browser cannot store data (private windows of
 * some browsers, a full disk); callers then continue without it.
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
 * @returns {Promise<any>} undefined if the key does not exist
 */
export const get = (store, key) => run(store, 'readonly', (it) => it.get(key));

/**
 * Returns all values of a store, ordered by key.
 * @param {StoreName} store
 * @returns {Promise<any[]>}
 */
export const all = (store) => run(store, 'readonly', (it) => it.getAll());

/**
 * Resolves when the value is written to disk.
 * @param {StoreName} store
 * @param {string} key
 * @param {unknown} value must be structured-cloneable
 * @returns {Promise<unknown>}
 */
export const put = (store, key, value) => run(store, 'readwrite', (it) => it.put(value, key));

/**
 * @param {StoreName} store
 * @param {string} key
 * @returns {Promise<unknown>}
 */
export const remove = (store, key) => run(store, 'readwrite', (it) => it.delete(key));

/** Clears all stores in one transaction. @returns {Promise<unknown>} */
export const clear = () => run(STORES, 'readwrite', (...stores) => stores.map((it) => it.clear())[0]);

/**
 * Runs one transaction.
 * @param {StoreName | StoreName[]} names
 * @param {IDBTransactionMode} mode
 * @param {(...stores: IDBObjectStore[]) => IDBRequest} act
 * @returns {Promise<any>} the request's result
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
      // A newer version of the app, or the browser, needs it: close it, and reopen it on next use.
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
