import type { Readable } from 'node:stream';

/**
 * A stream's chunks, for whoever reads them a little later: a fault that shows before he begins is told to him as well.
 * Heard by nobody it would end the process.
 */
export function chunksOf(source: Readable): AsyncIterable<Buffer> {
  source.on('error', () => undefined);
  return source;
}
