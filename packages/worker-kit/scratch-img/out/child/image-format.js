/** Their names as a person writes them. */
export const FORMAT_NAMES = {
    jpeg: 'JPEG',
    png: 'PNG',
    webp: 'WebP',
    avif: 'AVIF',
    gif: 'GIF',
    tiff: 'TIFF',
    bmp: 'BMP',
};
export const SUPPORTED_FORMATS = Object.values(FORMAT_NAMES);
/** `JPEG, PNG, … or BMP`, for sentences. */
export const SUPPORTED_FORMATS_TEXT = `${SUPPORTED_FORMATS.slice(0, -1).join(', ')} or ${SUPPORTED_FORMATS.at(-1)}`;
