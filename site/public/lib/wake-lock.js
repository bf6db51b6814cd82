/** @type {Promise<WakeLockSentinel | void> | undefined} */
let awake;

/** Keeps the screen on, where the browser can. A hidden page loses that: call it again when it is shown. */
export function stayAwake() {
  if (!document.hidden) awake = navigator.wakeLock?.request('screen').catch(() => {});
}

/** Lets the screen turn off again. */
export function letSleep() {
  awake?.then((lock) => lock?.release());
}
