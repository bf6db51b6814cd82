import {Store} from '../../lib/dom.js';

/** @typedef {import('../../api/client.js').ApiClient} ApiClient */
/** @typedef {import('../../api/worker.js').Photo} Photo */

const FRESH_MS = 4 * 60_000; // the pictures' URLs expire after five minutes

/** @type {{api: ApiClient, customer: string, photos: OwnPhotos} | undefined} */
let current;

/**
 * Returns the signed-in user's photos, which all of their orders share.
 * @param {ApiClient} api
 * @param {string} customer
 */
export function ownPhotos(api, customer) {
  if (current?.api !== api || current.customer !== customer) current = {api, customer, photos: new OwnPhotos(api)};
  return current.photos;
}

/** A customer's own photos. */
class OwnPhotos extends Store {
  #api;
  /** @type {Photo[]} */
  #list = [];
  #askedAt = -Infinity;

  /** @param {ApiClient} api */
  constructor(api) {
    super();
    this.#api = api;
  }

  /** @param {string} orderId */
  of(orderId) {
    return this.#list.filter((photo) => photo.orderId === orderId);
  }

  /** Loads the photos, unless they were loaded recently. */
  async load() {
    if (Date.now() - this.#askedAt < FRESH_MS) return;
    this.#askedAt = Date.now();
    try {
      this.#set(await this.#api.photos());
    } catch {
      // Show the orders without photos. A user who adds a photo sees the error then.
      this.#askedAt = -Infinity;
    }
  }

  /**
   * @param {string} orderId
   * @param {Blob} blob
   */
  async add(orderId, blob) {
    await this.#api.addPhoto(orderId, blob);
    this.#askedAt = -Infinity;
    await this.load(); // to get the picture's URL
  }

  /** @param {string} id */
  async remove(id) {
    await this.#api.removePhoto(id).catch((error) => {
      if (error.status !== 404) throw error; // already removed
    });
    this.#set(this.#list.filter((photo) => photo.id !== id));
  }

  /** @param {Photo[]} list */
  #set(list) {
    this.#list = list;
    this.changed();
  }
}
