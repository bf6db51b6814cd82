import {find, html, render, setText} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** The steps that Cognito can require after the password, by its names. @type {Record<string, keyof typeof FIELDS>} */
const STEPS = {NEW_PASSWORD_REQUIRED: 'newPassword', SOFTWARE_TOKEN_MFA: 'code'};

/**
 * The sign-in form, and those for a new account and for a forgotten password. Sends `sign-in` with
 * `{username, password, stay}`, `answer-challenge` with `{newPassword}` or `{code}`, `sign-in-hosted` with `{stay}`, and
 * `account-step` with `{step, input}`. None of them bubbles, to keep the password private.
 */
export class CaffeSignIn extends HTMLElement {
  #busy = false;
  #why = texts.signInWhy;
  /** @type {keyof typeof FIELDS} */
  #step = 'password';

  connectedCallback() {
    if (this.firstElementChild) return; // moved within the page
    // `post` keeps the password out of the URL if the script misses the submission.
    render(this, html`
      <form method="post" aria-labelledby="sign-in-title" aria-describedby="sign-in-why">
        <h2 id="sign-in-title">${texts.signIn}</h2>
        <p class="why" id="sign-in-why" role="status"></p>
        <div class="fields"></div>
        <p class="error" role="alert"></p>
        <button id="login-btn" class="main"></button>
        <button type="button" class="quiet" data-step="signUp">${texts.newAccount}</button>
        <button type="button" class="quiet" data-step="forget">${texts.forgotten}</button>
        <button type="button" class="hosted quiet">${texts.signInHosted}</button>
        <button type="button" class="back quiet">${texts.startOver}</button>
      </form>`);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    find(this, '.hosted').addEventListener('click', () => this.#send('sign-in-hosted', {stay: this.#stay}));
    find(this, '.back').addEventListener('click', () => {
      this.#show('password');
      this.focusNext();
    });
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll('[data-step]'))) {
      button.addEventListener('click', () => this.go(/** @type {keyof typeof FIELDS} */ (button.dataset.step)));
    }
    this.#show('password');
  }

  /**
   * Shows another form, for the same email address.
   * @param {keyof typeof FIELDS} step
   */
  go(step) {
    this.#show(step);
    this.focusNext();
  }

  /** Whether a request is in progress. The listener must not start another one. */
  get busy() {
    return this.#busy;
  }

  set busy(busy) {
    this.#busy = busy;
    const button = find(this, '#login-btn');
    button.textContent = busy ? texts.oneMoment : texts.signInButtons[this.#step] ?? texts.signIn;
    button.setAttribute('aria-disabled', String(busy));
    if (busy) find(this, '.error').textContent = '';
  }

  /** @param {string} challenge Cognito's name of the next step */
  set challenge(challenge) {
    const step = STEPS[challenge];
    if (!step) {
      this.fail(texts.unknownChallenge);
      return;
    }
    this.#show(step);
    this.focusNext();
  }

  /**
   * Shows the form without moving the focus: see `focusNext`.
   * @param {string} why
   * @param {boolean} [said] whether the page announces the same text elsewhere, so that it is not announced twice
   */
  ask(why, said = false) {
    this.#why = why;
    find(this, '.why').setAttribute('aria-live', said ? 'off' : 'polite');
    this.#explain();
    this.hidden = false;
  }

  /**
   * Shows the form again after a failure.
   * @param {string} text what failed
   */
  fail(text) {
    this.hidden = false;
    find(this, '.error').textContent = text;
    this.focusNext();
  }

  /** Hides and clears the form. */
  close() {
    this.hidden = true;
    this.#show('password', '');
  }

  /** Scrolls to the form and focuses the next field to fill in. */
  focusNext() {
    const fields = [...this.querySelectorAll('input')].filter(({hidden}) => !hidden);
    const field = fields.find((it) => !it.value) ?? fields.find((it) => it.type === 'password') ?? fields[0];
    this.scrollIntoView();
    field.focus({preventScroll: true});
    field.select();
  }

  /** @returns {HTMLFormElement} */
  get #form() {
    return find(this, 'form');
  }

  get #stay() {
    return new FormData(this.#form).has('stay');
  }

  #submit() {
    const {username, password, newPassword, code} = Object.fromEntries(new FormData(this.#form));
    if (this.#step === 'password') this.#send('sign-in', {username, password, stay: this.#stay});
    else if (this.#step === 'code') this.#send('answer-challenge', {code});
    else if (this.#step === 'newPassword') this.#send('answer-challenge', {newPassword});
    else this.#send('account-step', {step: this.#step, input: {username, password, newPassword, code}});
  }

  /**
   * @param {string} name
   * @param {object} detail
   */
  #send(name, detail) {
    this.dispatchEvent(new CustomEvent(name, {detail}));
  }

  /**
   * @param {keyof typeof FIELDS} step
   * @param {string} [username]
   */
  #show(step, username = String(new FormData(this.#form).get('username') ?? '')) {
    this.#step = step;
    for (const button of this.querySelectorAll('.hosted, [data-step]')) {
      /** @type {HTMLElement} */ (button).hidden = step !== 'password';
    }
    find(this, '.back').hidden = step === 'password';
    find(this, '.error').textContent = '';
    this.#explain();
    render(find(this, '.fields'), FIELDS[step](username));
    this.busy = false;
  }

  /** Shows the explanation of the current step. */
  #explain() {
    setText(find(this, '.why'), texts.signInSteps[this.#step] ?? this.#why);
  }
}

const email = (/** @type {string} */ username) => html`
  <label>${texts.username}
    <input name="username" type="email" autocomplete="username" maxlength="128" value="${username}" required></label>`;
const hiddenEmail = (/** @type {string} */ username) => html`
  <input name="username" type="email" autocomplete="username" value="${username}" hidden>`;
const newPassword = html`
  <label>${texts.newPassword}
    <input name="newPassword" type="password" autocomplete="new-password" minlength="12" maxlength="256" required></label>`;
const mailedCode = html`
  <label>${texts.mailedCode}
    <input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="8" required></label>`;

/** The fields of each step. Password managers need the user name next to a new password. */
const FIELDS = {
  password: (/** @type {string} */ username) => html`${email(username)}
    <label>${texts.password}
      <input name="password" type="password" autocomplete="current-password" maxlength="256" required></label>
    <label class="switch"><input name="stay" type="checkbox" role="switch" aria-describedby="stay-why">
      ${texts.stay}</label>
    <p class="note" id="stay-why">${texts.stayWhy}</p>`,
  signUp: (/** @type {string} */ username) => html`${email(username)}
    <label>${texts.newPassword}
      <input name="password" type="password" autocomplete="new-password" minlength="12" maxlength="256" required></label>`,
  confirm: (/** @type {string} */ username) => html`${hiddenEmail(username)}${mailedCode}`,
  forget: (/** @type {string} */ username) => email(username),
  reset: (/** @type {string} */ username) => html`${hiddenEmail(username)}${mailedCode}${newPassword}`,
  newPassword: (/** @type {string} */ username) => html`${hiddenEmail(username)}${newPassword}`,
  code: () => html`
    <label>${texts.code}
      <input name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6" required>
    </label>`,
};
