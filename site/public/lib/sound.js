/** @type {AudioContext | undefined} */
let audio;

/** Prepares the sound. To be called while the user touches the page: some browsers allow it only then. */
export function allowSound() {
  if (!navigator.userActivation?.hasBeenActive) return;
  audio ??= new AudioContext();
  audio.resume().catch(() => {});
}

/** Plays two short notes, if the user has touched the page. */
export function chime() {
  allowSound();
  if (!audio) return;
  for (const [note, hertz] of [880, 1175].entries()) {
    const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
    const at = audio.currentTime + note * 0.18;
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(0.25, at);
    gain.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(at);
    oscillator.stop(at + 0.5);
  }
}
