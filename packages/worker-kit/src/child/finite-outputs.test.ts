import { Failure } from '@lensgate/contracts';
import { describe, expect, test } from 'vitest';
import { refuseNotFinite } from './finite-outputs.js';

const outputOf = (data: Float32Array | BigInt64Array) => ({
  scores: {
    type: data instanceof Float32Array ? ('float32' as const) : ('int64' as const),
    data,
    dims: [1, data.length],
  },
});
const refusal = (data: Float32Array) => {
  try {
    refuseNotFinite(outputOf(data));
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('an output is refused', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('for one %d at any place', (value) => {
    for (const length of [1, 2, 3, 4, 5, 9]) {
      for (let at = 0; at < length; at++) {
        const data = new Float32Array(length).fill(0.5);
        data[at] = value;
        const error = refusal(data);
        expect(error).toBeInstanceOf(Failure);
        expect(error).toMatchObject({
          code: 'INFERENCE_FAILED',
          params: { reason: expect.stringContaining('"scores"') },
        });
      }
    }
  });

  test('for infinities that would cancel out', () => {
    expect(refusal(Float32Array.of(1 / 0, 2, 3, 4, -1 / 0))).toBeInstanceOf(Failure);
  });
});

describe('an output passes', () => {
  test('when every value is finite, be they as large as float32 has them', () => {
    const largest = Float32Array.of(0xffffff * 2 ** 104);
    expect(refusal(new Float32Array(100_000).fill(largest[0]!))).toBeUndefined();
    expect(refusal(new Float32Array(0))).toBeUndefined();
  });

  test('when it has whole numbers', () => {
    expect(() => refuseNotFinite(outputOf(BigInt64Array.of(1n)))).not.toThrow();
  });
});
