import { letterboxToTensor } from '@lensgate/vision';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { decodeImage, setImageThreads } from '../../packages/worker-kit/dist/child/decode.js';

/**
 * The least that an answer needs: the product's own decode, letterbox and session, and nothing around them.
 * @param {{ modelPath: string, inputSidePx: number, threads: number }} options
 * @returns {Promise<(picture: Buffer) => Promise<void>>} runs the model on one encoded picture
 */
export async function openPictureRun({ modelPath, inputSidePx, threads }) {
  setImageThreads(threads);
  const session = await InferenceSession.create(modelPath, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return async (picture) => {
    const image = await decodeImage(picture, { pixelsMax: 1e8 });
    const { tensor, placement } = letterboxToTensor(image, { width: inputSidePx, height: inputSidePx });
    await session.run({ images: new Tensor('float32', tensor, [1, 3, placement.inputHeight, placement.inputWidth]) });
  };
}
