import {html, render} from '../../lib/html.js';
import {texts} from '../../texts.js';

/**
 * The sign-in form. Sends `sign-in` with `{username, password}`; it does not bubble, because a password is nobody
 * else's business.
 */
export class CaffeSignIn extends HTMLElement {
  #busy = false;

  connectedCallback() {
    // `post`: should the script ever miss the submission, the password still stays out of the address.
    render(this, html`
      <h2>${texts.signIn}</h2>
      <p class="why"></p>
      <form method="post">
        <label>${texts.username}
          <input name="username" type="email" autocomplete="username" required></label>
        <label>${texts.password}
          <input name="password" type="password" autocomplete="current-password" required></label>
        <p class="error" role="alert"></p>
        <button id="login-btn" class="main"></button>
      </form>`);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const {username, password} = Object.fromEntries(new FormData(this.#form));
      if (!this.#busy) this.dispatchEvent(new CustomEvent('sign-in', {detail: {username, password}}));
    });
    this.busy = false;
    this.reset();
  }

  /** @param {boolean} busy an answer is awaited */
  set busy(busy) {
    this.#busy = busy;
    const button = this.querySelector('#login-btn');
    button.textContent = busy ? texts.signingIn : texts.signIn;
    button.setAttribute('aria-disabled', busy);
  }

  /** Forgets what was typed. */
  reset() {
    this.#form.reset();
    this.#say(texts.signInWhy, '');
  }

  /**
   * Brings the customer here.
   * @param {string} why
   */
  ask(why) {
    this.#say(why, '');
    this.#focus();
  }

  /** @param {string} text what was wrong */
  fail(text) {
    this.#say(texts.signInWhy, text);
    this.#focus();
  }

  get #form() {
    return this.querySelector('form');
  }

  #say(why, error) {
    this.querySelector('.why').textContent = why;
    this.querySelector('.error').textContent = error;
  }

  #focus() {
    const {username, password} = this.#form.elements;
    const field = username.value ? password : username;
    field.focus();
    field.select();
    this.scrollIntoView({block: 'nearest'});
  }
}
