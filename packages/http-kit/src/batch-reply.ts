import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, problemOf } from '@lensgate/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { failureOf, languageFor, varyByLanguage } from './error-reply.js';

/** A JSON object as bytes; `busy` when there was no room for the item, which is then tried again. */
export type BatchItem = { readonly kind: 'done' | 'problem'; readonly body: Buffer } | { readonly kind: 'busy' };

export interface Batch {
  readonly count: number;
  /** Items that are worked on at one time. */
  readonly sideBySide: number;
  /** The answer may have this many bytes, unless it is sent line by line. */
  readonly answerBytesMax: number;
  /** Runs one item; what it throws becomes the problem at the item's place. The signal fires when nobody waits any more. */
  readonly run: (index: number, signal: AbortSignal) => Promise<BatchItem>;
}

interface Settled {
  readonly index: number;
  readonly kind: 'done' | 'problem';
  readonly body: Buffer;
}

/** Before an item that found no room is tried again. */
const busyPauseMs = 100;

/**
 * Runs a batch and answers it: as one JSON document in the order of the items, or, to those who accept
 * `application/x-ndjson`, one line for each item as it is done, with its `index`. A client that leaves ends what is left.
 * Settles when all of it is over.
 * @throws RESPONSE_TOO_LARGE
 */
export async function replyBatch(
  { request, reply, signal }: { request: FastifyRequest; reply: FastifyReply; signal: AbortSignal },
  batch: Batch,
): Promise<FastifyReply> {
  const items = asTheyAreDone(batch, request, signal);
  // Problems among the results follow the caller's language.
  varyByLanguage(reply);
  if (acceptsLines(request.headers.accept)) {
    const lines = Readable.from(linesOf(items), { objectMode: false });
    reply.type('application/x-ndjson; charset=utf-8').send(lines);
    // Its end says how it went to the client already.
    await finished(lines).catch(() => undefined);
    return reply;
  }
  const results: Buffer[] = [];
  let bytes = 0;
  for await (const { index, kind, body } of items) {
    const result = kind === 'problem' ? withIndex(index, body) : body;
    results[index] = result;
    bytes += result.length + 1;
    if (bytes > batch.answerBytesMax)
      throw fail('RESPONSE_TOO_LARGE', { bytes, limit_bytes: batch.answerBytesMax, option: 'overlay' });
  }
  if (signal.aborted) return reply.hijack();
  const parts = results.flatMap((result, index) => (index === 0 ? [result] : [Buffer.from(','), result]));
  const document = Buffer.concat([Buffer.from('{"results":['), ...parts, Buffer.from(']}')]);
  return reply.type('application/json; charset=utf-8').send(document);
}

/** Whether `application/x-ndjson` is named, and not only to say that it is not wanted (a weight of 0). */
const acceptsLines = (accept = ''): boolean =>
  accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.toLowerCase().split(';');
    return type.trim() === 'application/x-ndjson' && !parameters.some((each) => /^\s*q\s*=\s*0(\.0*)?\s*$/.test(each));
  });

async function* linesOf(items: AsyncIterable<Settled>): AsyncGenerator<Buffer> {
  for await (const { index, body } of items) yield Buffer.concat([withIndex(index, body), Buffer.from('\n')]);
}

/** Yields items as they are done, and starts further ones only while they are taken; stops when the client has left. */
async function* asTheyAreDone(
  { count, sideBySide, run }: Batch,
  request: FastifyRequest,
  clientGone: AbortSignal,
): AsyncGenerator<Settled> {
  const over = new AbortController();
  const signal = AbortSignal.any([clientGone, over.signal]);
  // Every item listens to it, and there may be more than the ten that Node thinks a leak.
  setMaxListeners(0, signal);
  const settle = async (index: number): Promise<Settled> => {
    try {
      return { index, ...(await whileBusy(() => run(index, signal), signal)) };
    } catch (error) {
      const failure = failureOf(error);
      if (failure.code === 'INTERNAL' && !signal.aborted) request.log.error({ err: error, index }, 'unexpected error');
      return {
        index,
        kind: 'problem',
        body: Buffer.from(JSON.stringify(problemOf(failure, request.id, languageFor(request)))),
      };
    }
  };
  const running = new Map<number, Promise<Settled>>();
  let next = 0;
  try {
    while (next < count || running.size > 0) {
      for (; next < count && running.size < sideBySide; next += 1) running.set(next, settle(next));
      const settled = await Promise.race(running.values());
      if (signal.aborted) return;
      running.delete(settled.index);
      yield settled;
    }
  } finally {
    over.abort();
    await Promise.all(running.values());
  }
}

async function whileBusy(
  run: () => Promise<BatchItem>,
  signal: AbortSignal,
): Promise<Exclude<BatchItem, { kind: 'busy' }>> {
  for (;;) {
    const item = await run();
    if (item.kind !== 'busy') return item;
    await sleep(busyPauseMs, undefined, { signal });
  }
}

/** Puts the index in front of an object's own fields, without reading them. */
function withIndex(index: number, body: Buffer): Buffer {
  const start = body.indexOf('{') + 1;
  return Buffer.concat([Buffer.from(`{"index":${index},`), body.subarray(start)]);
}
