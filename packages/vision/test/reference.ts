import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RgbImage } from '@lensgate/vision';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

const root = new URL('../../../', import.meta.url);

export interface ReferenceMask {
  size_hw: [number, number];
  rle: number[];
  area: number;
}

export interface ReferenceDetection {
  xyxy: [number, number, number, number];
  conf: number;
  cls: number;
  name: string;
  polygon: [number, number][];
  mask: ReferenceMask;
  mask_scaled?: ReferenceMask;
}

export interface ReferenceResult {
  image: string;
  width: number;
  height: number;
  settings: { conf: number; iou: number; max_det: number; imgsz: [number, number] };
  input_sha256_rgb_u8_hwc: string;
  detections: ReferenceDetection[];
  detections_retina: ReferenceDetection[];
}

/** The results of one folder of test/reference/results, each with the path of its picture. */
export function referenceResults(folder: string): { result: ReferenceResult; picture: string }[] {
  const pictures = folder.endsWith('-variants') ? 'test/reference/variants' : 'models/samples';
  const files = readdirSync(new URL(`test/reference/results/${folder}`, root)).filter((name) => name.endsWith('.json'));
  return files.map((name) => {
    const result = readJson(`test/reference/results/${folder}/${name}`) as ReferenceResult;
    return { result, picture: `${pictures}/${result.image}` };
  });
}

/** A JSON file of the repository. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, root), 'utf8'));
}

/** A PNG of the repository, decoded. */
export async function readPicture(path: string): Promise<RgbImage> {
  const { data, info } = await sharp(fileURLToPath(new URL(path, root)))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** SHA-256 of the bytes, in hexadecimal digits. */
export function digestOf(bytes: Uint8Array | Uint8ClampedArray): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A demo model on one thread, as the references were made. */
export function openModel(name: string): Promise<InferenceSession> {
  return InferenceSession.create(fileURLToPath(new URL(`models/${name}`, root)), {
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
}

/** Runs a model on one tensor [3, height, width]; float32 outputs in the model's order. */
export async function runModel(session: InferenceSession, tensor: Float32Array, [height, width]: [number, number]) {
  const input = new Tensor('float32', tensor, [1, 3, height, width]);
  const outputs = await session.run({ [session.inputNames[0]!]: input });
  return session.outputNames.map((name) => {
    const { data, dims } = outputs[name]!;
    return { data: data as Float32Array, dims };
  });
}
