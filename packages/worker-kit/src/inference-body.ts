import { type AnswerFields, fail } from '@lensgate/contracts';
import type { InferenceOutcome } from './work.js';

/**
 * The answer's JSON as bytes. The Base64 texts are put in without going through the JSON encoder, which would look at
 * each of their millions of letters.
 * @throws Failure RESPONSE_TOO_LARGE naming the option to turn off
 */
export function inferenceBody(
  outcome: InferenceOutcome,
  fields: AnswerFields,
  { responseBytesMax }: { responseBytesMax: number },
): Buffer {
  const head = Buffer.from(JSON.stringify({ ...outcome.result, ...fields }).slice(0, -1));
  const parts: Buffer[] = [head];
  for (const { field, bytes } of outcome.pictures) {
    const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    parts.push(Buffer.from(`,"${field}":"`), Buffer.from(base64, 'latin1'), Buffer.from('"'));
  }
  parts.push(Buffer.from('}'));
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  if (total > responseBytesMax) {
    const option = head.length * 2 > total ? 'masks' : 'overlay';
    throw fail('RESPONSE_TOO_LARGE', { bytes: total, limit_bytes: responseBytesMax, option });
  }
  return Buffer.concat(parts, total);
}
