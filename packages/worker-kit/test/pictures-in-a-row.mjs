// Stands where a child stands: runs one picture after the other through the pipeline, and prints how many pictures' worth
// of buffers it held at most when one was done.
import { defaultOptions } from '@lensgate/contracts/plain';
import { letterboxToTensor } from '@lensgate/vision';
import sharp from 'sharp';
import { loadModel } from '../dist/child/model.js';
import { runPipeline } from '../dist/child/pipeline.js';

const [sidePx, modelPath] = [Number(process.argv[2]), process.argv[3]];
const size = { width: 1920, height: 1080 };

/** Takes every checkpoint, and finds nothing. */
const blind = {
  name: 'blind',
  taskType: 'object_detection',
  optionsRead: ['overlay'],
  recognize: () => ({ spec: {}, inputWidth: sidePx, inputHeight: sidePx, classNames: null, warnings: [] }),
  confirm: (recognized) => recognized,
  preprocess: (image) => {
    const { tensor } = letterboxToTensor(image, { width: sidePx, height: sidePx });
    return { feeds: { images: { type: 'float32', data: tensor, dims: [1, 3, sidePx, sidePx] } }, context: null };
  },
  postprocess: () => ({ kind: 'detections', boxes: [] }),
};

const model = await loadModel(modelPath, [blind], 1);
const opaque = sharp({ create: { ...size, channels: 3, background: 'teal' } });
const seeThrough = sharp({ create: { ...size, channels: 4, background: { r: 9, g: 90, b: 90, alpha: 0.5 } } });
const images = [await opaque.jpeg().toBuffer(), await seeThrough.png().toBuffer()];
const before = process.memoryUsage().external;
let held = 0;
for (let picture = 0; picture < 12; picture++) {
  const options = { ...defaultOptions, overlay: picture % 3 === 0 };
  await runPipeline(model, { image: images[picture % 2], options, hints: {}, pixelsMax: 1e8 });
  held = Math.max(held, process.memoryUsage().external - before);
}
process.stdout.write(String(held / (size.width * size.height * 3)));
