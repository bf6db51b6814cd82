import {askTwice} from '../../lib/ask-twice.js';
import {addStyles, emit, find, html, render, sync} from '../../lib/dom.js';
import {NotAPicture, shrink} from '../../lib/photo.js';
import {texts} from '../../texts.js';
import {ownPhotos} from './own-photos.js';

/** @typedef {import('../../api/client.js').ApiClient} ApiClient */

/**
 * The photos of the user's own order, with an upload, from the attributes `order-id` and `customer`. Sends
 * `session-over` when the API no longer accepts the tokens.
 */
export class CaffeOrderPhoto extends HTMLElement {
  /** @type {ApiClient | undefined} set before the element is added to the page */
  client;
  /** @type {ReturnType<typeof ownPhotos> | undefined} */
  #photos;
  /** @type {File | undefined} the photo that is not sent yet */
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
      input.value = ''; // lets the user choose the same file again
      this.#send();
    });
    find(this, '.again').addEventListener('click', () => this.#send());
  }

  /** Sends the chosen photo, and keeps it for a retry after a temporary failure. */
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
   * Runs one action at a time and shows its progress.
   * @param {string} doing
   * @param {() => Promise<string>} act resolves to the text shown on success
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
      // Refused permanently: a retry would not help.
      if (error instanceof NotAPicture || (status >= 400 && status < 429)) this.#file = undefined;
      this.#say('', error instanceof NotAPicture ? texts.notAPicture : texts.photoRefused[status] ?? message);
    }
    this.#busy = false;
  }

  /**
   * @param {string} text the progress, or ''
   * @param {string} [error] why it failed, or ''
   */
  #say(text, error = '') {
    find(this, '[role="status"]').textContent = text;
    find(this, '.error').textContent = error;
    find(this, '.again').hidden = !(error && this.#file);
  }
}
