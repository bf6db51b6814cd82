import {askTwice} from '../../lib/ask-twice.js';
import {addStyles, emit, find, html, render, sync} from '../../lib/dom.js';
import {NotAPicture, shrink} from '../../lib/photo.js';
import {texts} from '../../texts.js';
import {ownPhotos} from './own-photos.js';

/** @typedef {import('../../api/client.js').ApiClient} ApiClient */

/**
 * The photos of one's own order, and a way to take one, from the attributes `order-id` and `customer`. Sends
 * `session-over` when the API does not take the tokens any more.
 */
export class CaffeOrderPhoto extends HTMLElement {
  /** @type {ApiClient | undefined} set before the element comes onto the page */
  client;
  /** @type {ReturnType<typeof ownPhotos> | undefined} */
  #photos;
  /** @type {File | undefined} the one that is not sent yet */
  #file;
  #busy = false;
  #draw = () => this.#drawPhotos();

  connectedCallback() {
    if (!this.firstElementChild) this.#build();
    if (!this.client) return;
    this.#photos = ownPhotos(this.client, this.getAttribute('customer') ?? '');
    this.#photos.addEventListener('change', this.#draw);
    this.#draw();
    this.#photos.load();
  }

  disconnectedCallback() {
    this.#photos?.removeEventListener('change', this.#draw);
  }

  #build() {
    addStyles('/elements/caffe-order-photo/caffe-order-photo.css');
    render(this, html`
      <div class="photos" role="list" aria-label="${texts.photos}" hidden></div>
      <label class="quiet">${texts.addPhoto}
        <input type="file" accept="image/*" capture="environment"></label>
      <p role="status"></p>
      <p class="error" role="alert"></p>
      <button class="quiet again" hidden>${texts.lookAgain}</button>`);
    const input = /** @type {HTMLInputElement} */ (find(this, 'input'));
    input.addEventListener('click', (event) => this.#busy && event.preventDefault());
    input.addEventListener('change', () => {
      this.#file = input.files?.[0];
      input.value = ''; // so that the same one can be chosen again
      this.#send();
    });
    find(this, '.again').addEventListener('click', () => this.#send());
  }

  /** Sends the photo that was taken. Where that may work later, it is kept for another try. */
  async #send() {
    if (!this.#file) return;
    const file = this.#file;
    await this.#try(texts.photoSending, async () => {
      await this.#photos?.add(this.getAttribute('order-id') ?? '', await shrink(file));
      this.#file = undefined;
      return texts.photoAdded;
    });
  }

  #drawPhotos() {
    const photos = this.#photos?.of(this.getAttribute('order-id') ?? '') ?? [];
    const list = find(this, '.photos');
    const focused = list.contains(document.activeElement);
    list.hidden = photos.length === 0;
    sync(list, photos, ({id}) => id, 'span', (place, {id, url, _createdAt}) => {
      if (place.firstElementChild) return;
      render(place, html`<img src="${url}" alt="${texts.photoAt(_createdAt)}">
        <button aria-label="${texts.removePhoto}">×</button>`);
      place.setAttribute('role', 'listitem');
      askTwice(find(place, 'button'), texts.removePhotoSure, () =>
        this.#try(texts.photoRemoving, async () => {
          await this.#photos?.remove(id);
          return texts.photoRemoved;
        }));
    });
    if (focused && !list.contains(document.activeElement)) find(this, 'input').focus();
  }

  /**
   * One thing at a time, with a word on how it goes.
   * @param {string} doing
   * @param {() => Promise<string>} act resolves to what to say when it is done
   */
  async #try(doing, act) {
    if (this.#busy) return;
    this.#busy = true;
    this.#say(doing);
    try {
      this.#say(await act());
    } catch (error) {
      const {status, message} = /** @type {import('../../api/client.js').ApiError} */ (error);
      if (status === 401) emit(this, 'session-over');
      // Refused for good: trying again would not change that.
      if (error instanceof NotAPicture || (status >= 400 && status < 429)) this.#file = undefined;
      this.#say('', error instanceof NotAPicture ? texts.notAPicture : texts.photoRefused[status] ?? message);
    }
    this.#busy = false;
  }

  /**
   * @param {string} text how it goes, or ''
   * @param {string} [error] why it did not, or ''
   */
  #say(text, error = '') {
    find(this, '[role="status"]').textContent = text;
    find(this, '.error').textContent = error;
    find(this, '.again').hidden = !(error && this.#file);
  }
}
