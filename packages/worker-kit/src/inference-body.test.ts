import type { AnswerFields } from '@lensgate/contracts';
import { describe, expect, test } from 'vitest';
import { inferenceBody } from './inference-body.js';
import type { InferenceOutcome } from './work.js';

const fields: AnswerFields = {
  image_name: '셔츠 "1".png',
  preprocessing_time_ms: 1,
  inference_time_ms: 2,
  postprocessing_time_ms: 3,
  model: { name: 'm', checkpoint_path: 'pretrained', sha256: 'a'.repeat(64), warm: true },
};

const anOutcome = (pictures: InferenceOutcome['pictures'], warnings: string[] = []) => ({
  result: {
    task_type: 'object_detection' as const,
    image_width: 1,
    image_height: 1,
    warnings,
    predicted_boxes: [],
    num_detections: 0,
  },
  pictures,
});

describe('the body of an answer', () => {
  test('is JSON of result, fields and Base64 pictures, whatever letters the name has', () => {
    const bytes = Uint8Array.from([0, 255, 128, 7]);
    const outcome = anOutcome([{ field: 'overlay_base64', bytes }]);
    const parsed: unknown = JSON.parse(inferenceBody(outcome, fields, { responseBytesMax: 10_000 }).toString());
    expect(parsed).toEqual({ ...outcome.result, ...fields, overlay_base64: Buffer.from(bytes).toString('base64') });
  });

  test.each([49_151, 49_152, 49_153, 150_001])('holds a picture of %i bytes whole', (length) => {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 31) >> 3);
    const pictures: InferenceOutcome['pictures'] = [
      { field: 'overlay_base64', bytes },
      { field: 'predicted_mask_base64', bytes: bytes.subarray(1) },
    ];
    const body = inferenceBody(anOutcome(pictures), fields, { responseBytesMax: 1_000_000 });
    const parsed = JSON.parse(body.toString());
    expect(Buffer.from(parsed.overlay_base64, 'base64').equals(bytes)).toBe(true);
    expect(Buffer.from(parsed.predicted_mask_base64, 'base64').equals(bytes.subarray(1))).toBe(true);
  });

  test('takes only the bytes of a picture that is a view of a larger buffer', () => {
    const bytes = Buffer.from('before-inside-after').subarray(7, 13);
    const body = inferenceBody(anOutcome([{ field: 'overlay_base64', bytes }]), fields, { responseBytesMax: 10_000 });
    expect(JSON.parse(body.toString()).overlay_base64).toBe(Buffer.from('inside').toString('base64'));
  });

  test('is refused above its limit, naming the overlay when that is most of it', () => {
    const outcome = anOutcome([{ field: 'overlay_base64', bytes: new Uint8Array(5_000) }]);
    expect(() => inferenceBody(outcome, fields, { responseBytesMax: 5_000 })).toThrow(
      expect.objectContaining({ code: 'RESPONSE_TOO_LARGE', params: expect.objectContaining({ option: 'overlay' }) }),
    );
  });

  test('is refused naming the masks when the JSON itself is most of it', () => {
    const outcome = anOutcome([], ['x'.repeat(5_000)]);
    expect(() => inferenceBody(outcome, fields, { responseBytesMax: 5_000 })).toThrow(
      expect.objectContaining({ params: expect.objectContaining({ option: 'masks', limit_bytes: 5_000 }) }),
    );
  });
});
