import type { Words } from '@lensgate/contracts';

export type ImageErrorCode = 'UNSUPPORTED_IMAGE' | 'IMAGE_DAMAGED' | 'IMAGE_TOO_LARGE';

/** What an answer may say about a refused picture beside the sentence. All sizes in pixels as stored in the file. */
export interface ImageErrorDetails {
  format?: string;
  supported?: readonly string[];
  width?: number;
  height?: number;
  pixels?: number;
  limitPixels?: number;
}

/** A picture that cannot be used. The words are sentences for the person who sent it: no path, no decoder's jargon. */
export class ImageError extends Error {
  override readonly name = 'ImageError';

  constructor(
    readonly code: ImageErrorCode,
    readonly words: Words,
    readonly details: ImageErrorDetails = {},
  ) {
    super(words.en);
  }
}
