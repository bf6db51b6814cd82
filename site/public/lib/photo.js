const LONGEST_SIDE = 1600; // px: enough to recognize the food on any screen
const MOST_BYTES = 1_500_000; // the API accepts 2 MB
const QUALITIES = [0.85, 0.7, 0.5];

/** The chosen file cannot be shown as a picture. */
export class NotAPicture extends Error {}

/**
 * Prepares a photo for upload: small, upright, and without camera metadata such as the location.
 * @param {Blob} file the original file
 * @returns {Promise<Blob>} a JPEG of at most 1.5 MB whose longest side has at most 1600 px; rejects with
 *   {@link NotAPicture}
 */
export async function shrink(file) {
  const picture = await createImageBitmap(file, {imageOrientation: 'from-image'}).catch(() => {
    throw new NotAPicture();
  });
  try {
    // If it is too large even at the lowest quality, reduce the size.
    for (let side = LONGEST_SIDE; ; side /= 2) {
      const canvas = drawn(picture, side);
      for (const quality of QUALITIES) {
        const jpeg = await canvas.convertToBlob({type: 'image/jpeg', quality});
        if (jpeg.size <= MOST_BYTES) return jpeg;
      }
    }
  } finally {
    picture.close(); // frees tens of megabytes
  }
}

/**
 * Draws the picture on a canvas.
 * @param {ImageBitmap} picture
 * @param {number} longest maximum length of a side, in px
 */
function drawn(picture, longest) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((length) => Math.max(1, Math.round(length * scale)));
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = '#fff'; // transparent pixels would become black in a JPEG
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}
