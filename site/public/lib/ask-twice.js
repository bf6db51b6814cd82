import {say} from './dom.js';

const TIMEOUT_MS = 5000;

/**
 * Makes a button with an irreversible action ask on the first tap and act on a second one within five seconds.
 * @param {Element} button
 * @param {string} question
 * @param {() => void} act
 */
export function askTwice(button, question, act) {
  const [text, label] = [button.textContent, button.getAttribute('aria-label') ?? ''];
  /** @type {number | undefined} */
  let timer;
  const settle = () => {
    clearTimeout(timer);
    timer = undefined;
    button.textContent = text;
    button.setAttribute('aria-label', label);
  };
  button.addEventListener('blur', settle);
  button.addEventListener('click', (event) => {
    if (!timer) {
      button.textContent = question;
      button.setAttribute('aria-label', `${question} ${label}`);
      say(question);
      timer = setTimeout(settle, TIMEOUT_MS);
    } else if (/** @type {MouseEvent} */ (event).detail < 2) { // a double click is not a confirmation
      settle();
      act();
    }
  });
}
