import type { IncomingMessage } from 'node:http';
import { fail } from '@lensgate/contracts';
import { said } from './said.js';

/**
 * Reads a whole body.
 * @throws BODY_TOO_LARGE as soon as it is known, BODY_MALFORMED when the connection ends in the middle
 */
export function readBody(incoming: IncomingMessage, { bodyBytesMax }: { bodyBytesMax: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let receivedBytes = 0;
    const settle = (error: Error | undefined) => {
      incoming.off('data', onData).off('end', onEnd).off('close', onClose);
      if (!error) return resolve(Buffer.concat(chunks, receivedBytes));
      incoming.pause();
      reject(error);
    };
    const tooLarge = () => fail('BODY_TOO_LARGE', { limit_bytes: bodyBytesMax });
    const onData = (chunk: Buffer) => {
      receivedBytes += chunk.length;
      if (receivedBytes > bodyBytesMax) settle(tooLarge());
      else chunks.push(chunk);
    };
    const onEnd = () => settle(undefined);
    const onClose = () => settle(fail('BODY_MALFORMED', { reason: said.cutShort }));
    if (Number(incoming.headers['content-length'] ?? 0) > bodyBytesMax) return reject(tooLarge());
    incoming.once('error', () => undefined);
    incoming.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}
