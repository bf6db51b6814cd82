import {texts} from '../texts.js';

/** @typedef {import('../api/client.js').Who} Who */
/** @typedef {import('../api/client.js').Challenge} Challenge */

/** The steps of signing in, of a new account and of a forgotten password, with the form that shows them. */
export class SigningIn {
  /** Whether the user wants to stay signed in. */
  stay = false;
  /** Whether the user signed in on Cognito's hosted page. */
  hosted = false;
  #password = ''; // of a new account, until its address is confirmed
  #api;
  #form;
  #enter;

  /**
   * @param {import('../api/client.js').ApiClient} api
   * @param {import('../elements/caffe-sign-in/caffe-sign-in.js').CaffeSignIn} form
   * @param {(who: Who) => void} enter is called once the user has signed in
   */
  constructor(api, form, enter) {
    this.#api = api;
    this.#form = form;
    this.#enter = enter;
  }

  /** @param {{username: string, password: string, stay: boolean}} credentials */
  signIn(credentials) {
    this.stay = credentials.stay;
    this.hosted = false;
    return this.step(() => this.#api.signIn(credentials).catch((error) => {
      if (error.status === 401) error.message = texts.wrongPassword;
      throw error;
    }));
  }

  /** @param {{newPassword: string} | {code: string}} answer to the step after the password */
  answer(answer) {
    return this.step(() => this.#api.answerChallenge(answer));
  }

  /**
   * A step of signing up or of a forgotten password. The last one signs in.
   * @param {import('../api/client.js').AccountStep} step
   * @param {{username: string, password: string, newPassword: string}} input
   */
  account(step, input) {
    return this.#busy(async () => {
      this.stay = this.hosted = false;
      await this.#api.account(step, input).catch(async (error) => {
        if (error.code !== 'UsernameExistsException') throw error;
        // It may not be confirmed: then another code does.
        await this.#api.account('resend', input).catch(() => {
          throw error;
        });
      });
      if (step === 'signUp') this.#password = input.password;
      if (step === 'reset') this.#password = input.newPassword;
      if (step === 'signUp') this.#form.go('confirm');
      else if (step === 'forget') this.#form.go('reset');
      else await this.#signInWith(input.username);
    });
  }

  /** @param {string} username with the password that has just been chosen */
  async #signInWith(username) {
    const password = this.#password;
    this.#password = '';
    this.#finish(await this.#api.signIn({username, password, stay: false}));
  }

  /**
   * Returns how a reload of the page finds the user, or the guest that the user was.
   * @param {Who} who
   */
  howToStay({isGuest, wasGuest}) {
    if (!isGuest && this.stay) return this.hosted ? 'hosted' : 'form';
    return isGuest || wasGuest ? 'guest' : '';
  }

  /** Goes to Cognito's hosted page. @param {{stay: boolean}} options */
  async goHosted({stay}) {
    try {
      await (await import('./hosted.js')).leave(stay);
    } catch {
      this.#form.fail(texts.unreachable);
    }
  }

  /** @param {() => Promise<Who | import('../api/client.js').Challenge>} ask one sign-in step */
  step(ask) {
    return this.#busy(async () => this.#finish(await ask()));
  }

  /** @param {Who | import('../api/client.js').Challenge} answer to a sign-in step */
  #finish(answer) {
    if ('challenge' in answer) this.#form.challenge = answer.challenge;
    else this.#enter(answer);
  }

  /**
   * Takes a step, unless another one is in progress, and shows in the form why it failed.
   * @param {() => Promise<void>} act
   */
  async #busy(act) {
    if (this.#form.busy) return;
    this.#form.busy = true;
    try {
      await act();
    } catch (error) {
      this.#form.fail(error instanceof Error ? error.message : texts.failed);
    } finally {
      this.#form.busy = false;
    }
  }
}
