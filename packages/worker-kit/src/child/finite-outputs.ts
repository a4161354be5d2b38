import { fail } from '@lensgate/contracts/plain';
import type { Tensors } from './family.js';

/**
 * Refuses outputs that hold NaN or infinity: an overflow in half precision, a division by zero, weights that are broken.
 * NaN fails every comparison, so it would pass for "nothing found"; and JSON has no word for either.
 * @throws Failure INFERENCE_FAILED, naming the output
 */
export function refuseNotFinite(outputs: Tensors): void {
  for (const [name, { data }] of Object.entries(outputs)) {
    if (!(data instanceof Float32Array) || Number.isFinite(sumOf(data))) continue;
    throw fail('INFERENCE_FAILED', {
      reason: `the model's output "${name}" holds values that are no numbers (NaN or infinity).`,
    });
  }
}

/**
 * The sum in float64, which no number of float32 values can overflow: it is finite when each of them is. Four sums side by
 * side do not wait for each other.
 */
function sumOf(values: Float32Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = values.length - (values.length % 4);
  for (let at = 0; at < whole; at += 4) {
    a += values[at]!;
    b += values[at + 1]!;
    c += values[at + 2]!;
    d += values[at + 3]!;
  }
  for (let at = whole; at < values.length; at++) a += values[at]!;
  return a + b + c + d;
}
