import { getHeapStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { encoderOf, somePixels } from '../../test/pictures.js';
import { decodeImage } from './decode.js';
import { pictureFreer } from './free-pictures.js';

test('no more than a few decoded pictures lie around', async () => {
  const picture = await encoderOf(somePixels(1600, 1000, 3))
    .jpeg()
    .toBuffer();
  const freePictures = pictureFreer();
  const use = async () => {
    const { data } = await decodeImage(picture, { pixelsMax: 1e8 });
    freePictures(data.length);
    // libvips' memory is let go a few turns after the collection.
    await new Promise(setImmediate);
  };
  for (let i = 0; i < 3; i++) await use();
  const before = getHeapStatistics().external_memory;
  let most = 0;
  for (let i = 0; i < 40; i++) {
    await use();
    most = Math.max(most, getHeapStatistics().external_memory - before);
  }
  // A picture has 4.8 MB. Left to V8 it is more than 50.
  expect(most).toBeLessThan(32e6);
});
