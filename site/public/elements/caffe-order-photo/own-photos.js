import {Store} from '../../lib/dom.js';

/** @typedef {import('../../api/client.js').ApiClient} ApiClient */
/** @typedef {import('../../api/worker.js').Photo} Photo */

const FRESH_MS = 4 * 60_000; // the addresses of the pictures end after five minutes

/** @type {{api: ApiClient, customer: string, photos: OwnPhotos} | undefined} */
let current;

/**
 * The photos of who is signed in: the same for all of their orders.
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

  /** Asks the API, unless it was asked just now. */
  async load() {
    if (Date.now() - this.#askedAt < FRESH_MS) return;
    this.#askedAt = Date.now();
    try {
      this.#set(await this.#api.photos());
    } catch {
      // Whoever wants to add one hears of what is wrong; until then the orders are there without their photos.
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
    await this.load(); // for the address of its picture
  }

  /** @param {string} id */
  async remove(id) {
    await this.#api.removePhoto(id).catch((error) => {
      if (error.status !== 404) throw error; // somebody was faster
    });
    this.#set(this.#list.filter((photo) => photo.id !== id));
  }

  /** @param {Photo[]} list */
  #set(list) {
    this.#list = list;
    this.changed();
  }
}
