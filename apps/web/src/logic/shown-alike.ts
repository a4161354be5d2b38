/** So much of a file tells. */
export const tellingBytes = 32;

/** Flags of a WebP file's VP8X chunk: https://developers.google.com/speed/webp/docs/riff_container. */
const webpExif = 0x08;
const webpAnimation = 0x02;

/**
 * Whether a browser shows a picture as the server reads it, so that boxes can be drawn over it. Browsers play what is
 * animated, of which the server takes the first frame, and leave a WebP as it is that its EXIF says to turn.
 * @param head the file's first bytes
 */
export function isShownAlike(head: Uint8Array): boolean {
  const text = String.fromCharCode(...head);
  if (text.startsWith('GIF8')) return false;
  if (!text.startsWith('RIFF') || text.slice(8, 16) !== 'WEBPVP8X') return true;
  return ((head[20] ?? 0) & (webpExif | webpAnimation)) === 0;
}
