// Draws the pictures of docs/images anew, by the real stack: `node bench/overlay-pictures.mjs`. Look at them afterwards.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { closeConnections, gatewayCalls, rootDir, startStack, withMetadata } from '@lensgate/testing';
import sharp from 'sharp';

const folder = join(rootDir, 'docs/images');
const korean = ['티셔츠', '바지', '풀오버', '드레스', '코트', '샌들', '셔츠', '스니커즈', '가방', '앵클부츠'];
const names = `{${korean.map((name, id) => `${id}: '${name}'`).join(', ')}}`;
const pretrained_cfg = JSON.stringify({
  input_size: [3, 64, 64],
  interpolation: 'bilinear',
  crop_pct: 1,
  crop_mode: 'squash',
  label_names: korean,
});
const file = (/** @type {string} */ path) => readFile(join(rootDir, path));
const demoDetector = 20;
const crowdOptions = { confidence_threshold: 0.001, iou_threshold: 0.95, max_detections: 365 };

await mkdir(folder, { recursive: true });
const stack = await startStack({ frameworks: ['ultralytics', 'timm'] });
try {
  const gateway = gatewayCalls(stack.gateway.url);
  const jobOf = async (/** @type {Parameters<typeof gateway.createJob>[0]} */ job, /** @type {Uint8Array} */ model) => {
    const { body } = await gateway.createJob({ num_classes: 10, ...job });
    const { status } = await gateway.upload(body.id, model);
    if (status !== 201) throw new Error(`the checkpoint was answered ${status}`);
    return body.id;
  };
  /** @returns {Promise<{ overlay: Buffer, mask: Buffer }>} */
  const draw = async (/** @type {number} */ jobId, /** @type {Uint8Array} */ image, fields = {}) => {
    const { status, body } = await gateway.quick(jobId, { image, fields: { timeout_ms: 120_000, ...fields } });
    if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
    const decoded = (/** @type {string | undefined} */ base64) => Buffer.from(base64 ?? '', 'base64');
    const mask = 'predicted_mask_base64' in body ? decoded(body.predicted_mask_base64) : Buffer.alloc(0);
    return { overlay: decoded(body.overlay_base64), mask };
  };
  const save = async (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => {
    await writeFile(join(folder, name), bytes);
    console.log(`${name}: ${Math.round(bytes.length / 1024)} KiB`);
  };
  const smaller = (/** @type {Uint8Array} */ picture) => sharp(picture).resize(1600).jpeg({ quality: 82 }).toBuffer();
  const cropped = (/** @type {Uint8Array} */ picture, /** @type {import('sharp').Region} */ region) =>
    sharp(picture).extract(region).jpeg({ quality: 85 }).toBuffer();

  const wardrobe = withMetadata(await file('models/wardrobe-seg.onnx'), { names });
  const segmenter = await jobOf({ name: 'wardrobe', task_type: 'instance_segmentation' }, wardrobe);
  const crowded = withMetadata(await file('test/reference/synthetic/models/syn-seg.onnx'), { names });
  const crowd = await jobOf({ name: 'crowd', task_type: 'instance_segmentation' }, crowded);
  const classifier = await jobOf(
    { name: 'single garments', framework: 'timm', task_type: 'image_classification' },
    withMetadata(await file('models/wardrobe-cls.onnx'), { pretrained_cfg }),
  );

  const small = await file('models/samples/scene-1003.png');
  const medium = await file('test/reference/variants/v640x427-1-scene-2001.png');
  const large = await sharp(await file('test/reference/variants/v1920x1080-0-scene-2008.png'))
    .resize(3840, 2160)
    .png()
    .toBuffer();

  await save('overlay-1003.png', (await draw(demoDetector, small)).overlay);
  await save('overlay-320.png', (await draw(segmenter, await file('models/samples/scene-1006.png'))).overlay);
  const segmented = await draw(segmenter, medium, { image_format: 'jpeg' });
  await save('overlay-segment.jpg', segmented.overlay);
  await save('mask-segment.png', segmented.mask);
  const garment = await file('test/reference/cls-images/11-sandal-638x595.png');
  await save('overlay-classify.jpg', (await draw(classifier, garment, { image_format: 'jpeg' })).overlay);
  const wide = await draw(segmenter, large);
  await save('overlay-4k.jpg', await smaller(wide.overlay));
  await save('overlay-4k-crop.jpg', await cropped(wide.overlay, { left: 2760, top: 420, width: 1080, height: 1000 }));
  await save('mask-4k.png', wide.mask);
  const many = await draw(crowd, large, crowdOptions);
  await save('overlay-4k-crowd.jpg', await smaller(many.overlay));
  await save('overlay-4k-crowd-crop.jpg', await cropped(many.overlay, { left: 0, top: 900, width: 1200, height: 900 }));
} finally {
  await closeConnections();
  await stack.close();
}
