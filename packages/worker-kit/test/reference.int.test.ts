import { referencePictures, sha256Of } from '@lensgate/testing';
import { letterbox } from '@lensgate/vision';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../src/child/decode.js';

const pictures = referencePictures();

describe('decoding and letterboxing', () => {
  test('are tried on every reference picture', () => {
    expect(pictures).toHaveLength(33);
  });

  test.each(pictures)(
    '$name becomes the input that Ultralytics made of it, to the last bit',
    async ({ bytes, expected }) => {
      const image = await decodeImage(bytes, { pixelsMax: 10_000_000 });
      expect([image.width, image.height]).toEqual([expected.width, expected.height]);
      const [height, width] = expected.settings.imgsz;
      const { image: input } = letterbox(image, { width, height });
      expect(sha256Of(Buffer.from(input.data))).toBe(expected.input_sha256_rgb_u8_hwc);
    },
  );
});
