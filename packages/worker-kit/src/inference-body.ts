import { type AnswerFields, fail, type TaskResult } from '@lensgate/contracts';
import type { InferenceOutcome } from './work.js';

/** Of the bytes that become Base64 at once: a multiple of three, and their text a small object that V8 soon forgets. */
const sliceBytes = 49_152;

/**
 * The answer's JSON as bytes. The Base64 texts are put in without going through the JSON encoder, which would look at
 * each of their millions of letters, and written where they will stand: copies of megabytes are what V8 collects for.
 * @throws Failure RESPONSE_TOO_LARGE naming the option to turn off
 */
export function inferenceBody(
  { result, pictures: encoded }: { result: TaskResult } & Pick<InferenceOutcome, 'pictures'>,
  fields: AnswerFields,
  { responseBytesMax }: { responseBytesMax: number },
): Buffer {
  const head = Buffer.from(JSON.stringify({ ...result, ...fields }).slice(0, -1));
  const pictures = encoded.map(({ field, bytes }) => ({
    start: Buffer.from(`,"${field}":"`),
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  }));
  const total = pictures.reduce(
    (sum, { start, bytes }) => sum + start.length + base64Length(bytes.length) + quote.length,
    head.length + end.length,
  );
  if (total > responseBytesMax) {
    const option = head.length * 2 > total ? 'masks' : 'overlay';
    throw fail('RESPONSE_TOO_LARGE', { bytes: total, limit_bytes: responseBytesMax, option });
  }
  const body = Buffer.allocUnsafe(total);
  let at = head.copy(body);
  for (const { start, bytes } of pictures) {
    at += start.copy(body, at);
    for (let from = 0; from < bytes.length; from += sliceBytes)
      at += body.write(bytes.toString('base64', from, from + sliceBytes), at, 'latin1');
    at += quote.copy(body, at);
  }
  end.copy(body, at);
  return body;
}

const quote = Buffer.from('"');
const end = Buffer.from('}');
const base64Length = (bytes: number): number => Math.ceil(bytes / 3) * 4;
