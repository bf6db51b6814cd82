import {emit} from '../../lib/emit.js';
import {html, render} from '../../lib/html.js';
import {texts} from '../../texts.js';

/** At the top of the page: the way to the cart, and in or out. Sends `sign-out`. */
export class CaffeAccount extends HTMLElement {
  connectedCallback() {
    render(this, html`
      <span class="who"></span>
      <a class="in" href="#sign-in">${texts.signIn}</a>
      <button class="quiet out">${texts.signOut}</button>
      <a class="to-cart" href="#cart">${texts.cart} <b></b></a>`);
    this.querySelector('.out').addEventListener('click', () => emit(this, 'sign-out'));
    this.username = '';
  }

  /** @param {string} username who is signed in, or '' */
  set username(username) {
    const [link, button] = this.querySelectorAll('.in, .out');
    const focused = document.activeElement === button;
    this.querySelector('.who').textContent = username;
    link.hidden = Boolean(username);
    button.hidden = !username;
    if (focused && !username) link.focus();
  }

  /** @param {number} count of things in the cart */
  set count(count) {
    const link = this.querySelector('.to-cart');
    link.setAttribute('aria-label', texts.cartLink(count));
    link.querySelector('b').textContent = count;
  }
}
