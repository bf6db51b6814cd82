/** What the page knows, in one place each: changes are told with a `change` event, and elements are drawn from it. */
export class Store extends EventTarget {
  /** For subclasses: tells everybody who listens. */
  changed() {
    this.dispatchEvent(new Event('change'));
  }

  /**
   * Calls back now and after each change.
   * @param {() => void} callback
   */
  watch(callback) {
    this.addEventListener('change', callback);
    callback();
  }
}
