import type { Recognized } from '@lensgate/worker-kit/family';
import { describe, expect, test } from 'vitest';
import { confirmYolo, type YoloSpec } from './yolo-output.js';

const recognized: Recognized<YoloSpec> = {
  spec: { input: { inputName: 'images', width: 64, height: 64 } as never, outputNames: ['output0'] },
  inputWidth: 64,
  inputHeight: 64,
  classCount: null,
  classNames: null,
  warnings: [],
};

/** [1, 7, 20]: four rows of boxes in px, three of classes. */
function confirmed(classValue: number) {
  const data = new Float32Array(7 * 20).fill(0.5);
  data.fill(300, 0, 4 * 20);
  data[5 * 20 + 3] = classValue;
  return confirmYolo(recognized, { output0: { type: 'float32', data, dims: [1, 7, 20] } }, { extraRows: 0 });
}

describe('confirmYolo', () => {
  test.each([0, 1, 1.0001])('takes a class row with %d for scores', (value) => {
    expect(confirmed(value)).toMatchObject({ classCount: 3 });
  });

  test.each([473.1, -0.4])('refuses a class row with %d, which is no score', (value) => {
    expect(confirmed(value)).toEqual({
      refusal: {
        en: expect.stringMatching(/other numbers than scores from 0 to 1/),
        ko: expect.stringMatching(/[가-힣]/),
      },
    });
  });
});
