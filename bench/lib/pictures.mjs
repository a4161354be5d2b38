import { join } from 'node:path';
import { rootDir } from '@lensgate/testing';
import sharp from 'sharp';

/**
 * A sample scene as a JPEG of another size.
 * @param {{ width: number, height: number }} size
 * @returns {Promise<Buffer>}
 */
export const jpegOf = (size) =>
  sharp(join(rootDir, 'test/reference/variants/v1920x1080-0-scene-2008.png'))
    .resize({ ...size, fit: 'cover' })
    .jpeg({ quality: 90 })
    .toBuffer();

/** As phones take photographs. */
export const photoSize = { width: 4032, height: 3024 };
/** As cameras give frames. */
export const frameSize = { width: 1920, height: 1080 };
