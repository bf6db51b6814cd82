import {emit, find, html, render} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** The page header: links to the cart, the sign-in and the board. Sends `ask-sign-in` and `sign-out`. */
export class CaffeAccount extends HTMLElement {
  connectedCallback() {
    render(this, html`
      <span class="who"></span>
      <a class="to-board" href="#board">${texts.toBoard}</a>
      <a class="to-menu" href="#menu">${texts.menu}</a>
      <button class="in">${texts.signIn}</button>
      <button class="out">${texts.signOut}</button>
      <a class="to-cart" href="#cart">${texts.cart} <b></b></a>`);
    find(this, '.in').addEventListener('click', () => emit(this, 'ask-sign-in'));
    find(this, '.out').addEventListener('click', () => emit(this, 'sign-out'));
    this.who = null;
    this.atBoard = false;
  }

  /** @param {import('../../api/client.js').Who | null} who the signed-in user */
  set who(who) {
    const focused = this.contains(document.activeElement);
    find(this, '.who').textContent = who?.username ?? '';
    find(this, '.in').hidden = Boolean(who);
    find(this, '.out').hidden = !who;
    this.toggleAttribute('staff', Boolean(who?.isStaff));
    if (focused && document.activeElement === document.body) find(this, who ? '.out' : '.in').focus();
  }

  /** @param {boolean} atBoard whether the staff view is shown */
  set atBoard(atBoard) {
    this.toggleAttribute('at-board', atBoard);
  }

  /** @param {number} count of items in the cart */
  set count(count) {
    const link = find(this, '.to-cart');
    link.setAttribute('aria-label', texts.cartLink(count));
    find(link, 'b').textContent = String(count);
  }
}
