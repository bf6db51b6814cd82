import {find, html, render} from '../../lib/dom.js';
import {texts} from '../../texts.js';

/** The steps that Cognito may ask for after the password, by its names. @type {Record<string, keyof typeof FIELDS>} */
const STEPS = {NEW_PASSWORD_REQUIRED: 'newPassword', SOFTWARE_TOKEN_MFA: 'code'};

/**
 * The sign-in, in a dialog over whatever page. Sends `sign-in` with `{username, password, stay}`, `answer-challenge`
 * with `{newPassword}` or `{code}`, `sign-in-hosted` with `{stay}`, and `sign-in-closed` when it is left. None of them
 * bubbles, because a password is nobody else's business.
 */
export class CaffeSignIn extends HTMLElement {
  #busy = false;
  /** @type {keyof typeof FIELDS} */
  #step = 'password';

  connectedCallback() {
    // `post`: should the script ever miss the submission, the password still stays out of the address.
    render(this, html`
      <dialog aria-labelledby="sign-in-title">
        <form method="post">
          <h2 id="sign-in-title">${texts.signIn}</h2>
          <p class="why"></p>
          <div class="fields"></div>
          <p class="error" role="alert"></p>
          <button id="login-btn" class="main"></button>
          <button type="button" class="hosted quiet">${texts.signInHosted}</button>
          <button type="button" class="close quiet">${texts.notNow}</button>
        </form>
      </dialog>`);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (!this.#busy) this.#submit();
    });
    find(this, '.hosted').addEventListener('click', () => {
      if (!this.#busy) this.#send('sign-in-hosted', {stay: this.#stay});
    });
    find(this, '.close').addEventListener('click', () => this.#dialog.close());
    this.#dialog.addEventListener('close', () => {
      this.#show('password');
      this.#send('sign-in-closed');
    });
    this.#show('password');
    this.busy = false;
  }

  /** @param {boolean} busy an answer is awaited */
  set busy(busy) {
    this.#busy = busy;
    const button = find(this, '#login-btn');
    button.textContent = busy ? texts.signingIn : texts.signIn;
    button.setAttribute('aria-disabled', String(busy));
  }

  /** @param {string} challenge what else it takes, by Cognito's name */
  set challenge(challenge) {
    const step = STEPS[challenge];
    if (!step) {
      this.fail(texts.unknownChallenge);
      return;
    }
    this.#show(step);
    this.#focus();
  }

  /**
   * Opens the dialog.
   * @param {string} why
   */
  ask(why) {
    this.#open(why, '');
  }

  /** Closes it, and forgets what was typed. */
  close() {
    this.#dialog.close();
  }

  /**
   * Opens the dialog, or keeps it open.
   * @param {string} text what was wrong
   */
  fail(text) {
    this.#open(find(this, '.why').textContent ?? '', text);
  }

  /** @returns {HTMLDialogElement} */
  get #dialog() {
    return find(this, 'dialog');
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
    else this.#send('answer-challenge', this.#step === 'code' ? {code} : {newPassword});
  }

  /**
   * @param {string} name
   * @param {object} [detail]
   */
  #send(name, detail) {
    this.dispatchEvent(new CustomEvent(name, {detail}));
  }

  /** @param {keyof typeof FIELDS} step */
  #show(step) {
    const username = String(new FormData(this.#form).get('username') ?? '');
    this.#step = step;
    find(this, '.hosted').hidden = step !== 'password';
    this.#say(texts.signInSteps[step], '');
    render(find(this, '.fields'), FIELDS[step](username));
  }

  /**
   * @param {string} why
   * @param {string} error
   */
  #open(why, error) {
    this.#say(why, error);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#focus();
  }

  /**
   * @param {string} why
   * @param {string} error
   */
  #say(why, error) {
    find(this, '.why').textContent = why;
    find(this, '.error').textContent = error;
  }

  #focus() {
    const fields = [...this.querySelectorAll('input')].filter(({hidden}) => !hidden);
    const field = fields.find((it) => !it.value) ?? fields.find((it) => it.type === 'password') ?? fields[0];
    field.focus();
    field.select();
  }
}

/** The fields of each step, for a user name. Password managers want to see it beside a new password, too. */
const FIELDS = {
  password: () => html`
    <label>${texts.username}
      <input name="username" type="email" autocomplete="username" maxlength="128" required></label>
    <label>${texts.password}
      <input name="password" type="password" autocomplete="current-password" maxlength="256" required></label>
    <label class="switch"><input name="stay" type="checkbox" role="switch" aria-describedby="stay-why">
      ${texts.stay}</label>
    <p class="note" id="stay-why">${texts.stayWhy}</p>`,
  newPassword: (/** @type {string} */ username) => html`
    <input name="username" type="email" autocomplete="username" value="${username}" hidden>
    <label>${texts.newPassword}
      <input name="newPassword" type="password" autocomplete="new-password" minlength="12" maxlength="256" required>
    </label>`,
  code: () => html`
    <label>${texts.code}
      <input name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6" required>
    </label>`,
};
