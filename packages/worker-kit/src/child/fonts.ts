import { fileURLToPath } from 'node:url';
import { GlobalFonts } from '@napi-rs/canvas';

/** Our own name for the shipped font, so that a font of the host with the same name is never taken in its place. */
export const LABEL_FONT_FAMILY = 'Lensgate Labels';

/** Pretendard 1.3.9 SemiBold (SIL Open Font License 1.1, beside it): Latin, Cyrillic, kana and every Hangul syllable in one file, since the canvas mixes no fonts. */
const LABEL_FONT_PATH = fileURLToPath(new URL('../../assets/fonts/Pretendard-SemiBold.woff2', import.meta.url));

let isRegistered = false;

/**
 * Makes the shipped label font known to the canvas, once a process; slim containers have no fonts of their own.
 * @throws Error where the font file is missing from the installation
 */
export function registerFonts(): void {
  if (isRegistered) return;
  if (GlobalFonts.registerFromPath(LABEL_FONT_PATH, LABEL_FONT_FAMILY) === null) {
    throw new Error('The label font is missing: assets/fonts/Pretendard-SemiBold.woff2 of @lensgate/worker-kit.');
  }
  isRegistered = true;
}
