const LONGEST_SIDE = 1600; // px: enough to see what is on a plate, on any screen
const MOST_BYTES = 1_500_000; // the API takes 2 MB
const QUALITIES = [0.85, 0.7, 0.5];

/** The file that was chosen cannot be shown as a picture. */
export class NotAPicture extends Error {}

/**
 * A photo as it is sent: small, upright, and without what cameras write into files, such as where they were.
 * @param {Blob} file as the camera or the folder gave it
 * @returns {Promise<Blob>} a JPEG of at most 1.5 MB whose longest side has at most 1600 px; rejects with
 *   {@link NotAPicture}
 */
export async function shrink(file) {
  const picture = await createImageBitmap(file, {imageOrientation: 'from-image'}).catch(() => {
    throw new NotAPicture();
  });
  try {
    // What is still too large at the lowest quality has to lose pixels.
    for (let side = LONGEST_SIDE; ; side /= 2) {
      const canvas = drawn(picture, side);
      for (const quality of QUALITIES) {
        const jpeg = await canvas.convertToBlob({type: 'image/jpeg', quality});
        if (jpeg.size <= MOST_BYTES) return jpeg;
      }
    }
  } finally {
    picture.close(); // tens of megabytes, which a phone wants back now
  }
}

/**
 * The picture on a canvas.
 * @param {ImageBitmap} picture
 * @param {number} longest of its sides there, in px, if it is not smaller anyway
 */
function drawn(picture, longest) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((length) => Math.max(1, Math.round(length * scale)));
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = '#fff'; // a JPEG shows black where nothing is
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}
