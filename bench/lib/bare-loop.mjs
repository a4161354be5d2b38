// The least that an answer needs, in one process: the product's own decode, letterbox and session, and nothing around them.
import { readFile } from 'node:fs/promises';
import { letterboxToTensor } from '@lensgate/vision';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { decodeImage, setImageThreads } from '../../packages/worker-kit/dist/child/decode.js';
import { serveTimes } from './timed-loop.mjs';

const [modelPath = '', picturePath = '', inputSidePx = '', threads = '1'] = process.argv.slice(2);
const side = Number(inputSidePx);
setImageThreads(Number(threads));
const session = await InferenceSession.create(modelPath, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  extra: { session: { intra_op: { allow_spinning: '0' } } },
});
const picture = await readFile(picturePath);

async function once() {
  const image = await decodeImage(picture, { pixelsMax: 1e8 });
  const { tensor, placement } = letterboxToTensor(image, { width: side, height: side });
  await session.run({ images: new Tensor('float32', tensor, [1, 3, placement.inputHeight, placement.inputWidth]) });
}

serveTimes(once);
