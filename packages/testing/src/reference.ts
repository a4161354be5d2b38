import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { PredictedBox } from '@lensgate/contracts';
import { rootDir } from './start-stack.js';

/** What Ultralytics' own code answers for a picture. */
export interface ReferenceDetections {
  readonly image: string;
  readonly width: number;
  readonly height: number;
  readonly settings: { readonly imgsz: readonly [height: number, width: number] };
  /** SHA-256 of the letterboxed input: height × width × 3 bytes. */
  readonly input_sha256_rgb_u8_hwc: string;
  readonly detections: readonly {
    readonly xyxy: readonly [number, number, number, number];
    readonly conf: number;
    readonly cls: number;
    readonly name: string;
  }[];
}

export interface ReferencePicture {
  readonly name: string;
  readonly bytes: Buffer;
  readonly expected: ReferenceDetections;
}

const folders = [
  { results: 'det-samples', pictures: 'models/samples' },
  { results: 'det-variants', pictures: 'test/reference/variants' },
];

/** Every picture that there are reference detections for, with them. */
export function referencePictures(): ReferencePicture[] {
  return folders.flatMap(({ results, pictures }) => {
    const folder = join(rootDir, 'test/reference/results', results);
    return readdirSync(folder).map((file) => {
      const expected = JSON.parse(readFileSync(join(folder, file), 'utf8')) as ReferenceDetections;
      const name = basename(expected.image);
      return { name, expected, bytes: readFileSync(join(rootDir, pictures, name)) };
    });
  });
}

export const referenceTolerance = { px: 0.1, confidence: 0.001 };

/**
 * Compares boxes with the reference's, whatever their order.
 * @returns what differs in words; nothing when the sets are the same within the tolerance
 */
export function boxDifferences(boxes: readonly PredictedBox[], { detections }: ReferenceDetections): string[] {
  const left = new Set(boxes);
  const missing = detections.flatMap(({ xyxy, conf, cls, name }) => {
    const match = [...left].find(
      (box) =>
        box.class_id === cls &&
        box.label === name &&
        Math.abs(box.confidence - conf) <= referenceTolerance.confidence &&
        [box.x1, box.y1, box.x2, box.y2].every((value, at) => Math.abs(value - xyxy[at]!) <= referenceTolerance.px),
    );
    if (match) left.delete(match);
    return match ? [] : [`no ${name} of ${conf} at ${xyxy.join(', ')}`];
  });
  const extra = [...left].map(
    ({ label, confidence, x1, y1, x2, y2 }) => `a ${label} of ${confidence} at ${[x1, y1, x2, y2]}`,
  );
  return [...missing, ...extra];
}
