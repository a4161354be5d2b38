/**
 * Softmax over all values; the largest is taken off first so that nothing overflows.
 *
 * @param logits [n]
 * @returns      [n], sum 1; all NaN when any value is NaN
 */
export function softmax(logits: Float32Array): Float32Array {
  let max = Number.NEGATIVE_INFINITY;
  for (const logit of logits) max = Math.max(max, logit);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - max));
  let sum = 0;
  for (const power of powers) sum += power;
  return Float32Array.from(powers, (power) => power / sum);
}

/** `1 / (1 + e^-x)` of each value. */
export function sigmoid(logits: Float32Array): Float32Array {
  return logits.map((logit) => 1 / (1 + Math.exp(-logit)));
}
