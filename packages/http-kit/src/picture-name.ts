const endings: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/webp': '.webp',
  'image/avif': '.avif',
  'image/gif': '.gif',
  'image/tiff': '.tif',
  'image/bmp': '.bmp',
};

/** What a picture is called: as its sender calls it, else `image` with the ending of its media type. */
export const pictureName = ({ filename, mimetype }: { filename: string; mimetype: string }): string =>
  filename === '' ? `image${endings[mimetype.toLowerCase()] ?? ''}` : filename;
