const SHOWN_MS = 6000;
let timer;

/**
 * Says something in the live region: seen at the foot of the page for a while, and read out politely.
 * @param {string} text
 */
export function say(text) {
  const region = document.querySelector('.message');
  clearTimeout(timer);
  region.textContent = ''; // so that the same text twice is read out twice
  timer = setTimeout(() => {
    region.textContent = text;
    timer = setTimeout(() => (region.textContent = ''), SHOWN_MS);
  }, 50);
}
