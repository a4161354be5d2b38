// The same hops with nothing of ours between them: a gateway and a worker of a few lines each, with Node's http, undici and
// a child on a pipe. No form is read, no job looked up, nothing is checked, limited, scheduled, logged or measured. What
// they cost is what the hops cost, on the machine and in the minute of the benchmark. V8 is set as the product sets it.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { collectionFlags } from '@lensgate/http-kit';
import { request } from 'undici';
import { tierUpFlags } from '../../packages/http-kit/dist/tier-up.js';
import { childEnv } from '../../packages/worker-kit/dist/child-env.js';
import { openPictureRun } from './picture-run.mjs';

const answer = Buffer.alloc(1_600, '{');
const lengthBytes = 4;

/** @param {Buffer} content */
function framed(content) {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(content.length);
  return [length, content];
}

/**
 * One frame after the other, each asked for before the next is sent.
 * @param {import('node:stream').Readable} stream
 * @param {(content: Buffer) => void} take
 */
function readFrames(stream, take) {
  /** @type {Buffer[]} */
  let chunks = [];
  let bytes = 0;
  stream.on('data', (chunk) => {
    chunks.push(chunk);
    bytes += chunk.length;
    const [first = Buffer.alloc(0)] = chunks;
    if (first.length < lengthBytes || bytes < lengthBytes + first.readUInt32LE(0)) return;
    take(Buffer.concat(chunks).subarray(lengthBytes));
    chunks = [];
    bytes = 0;
  });
}

/** @param {import('node:stream').Writable} stream @param {Buffer} content */
function writeFrame(stream, content) {
  stream.cork();
  for (const part of framed(content)) stream.write(part);
  stream.uncork();
}

/** @param {(picture: Buffer) => Promise<Buffer>} answerOf */
function serve(answerOf) {
  for (const flag of [...collectionFlags, ...tierUpFlags()]) setFlagsFromString(flag);
  const server = createServer({ noDelay: true, keepAliveTimeout: 0 }, async (incoming, outgoing) => {
    const content = await answerOf(await buffer(incoming));
    outgoing.writeHead(200, { 'content-length': content.length }).end(content);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.(typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '');
  });
  process.on('disconnect', () => process.exit());
}

/** @type {Record<string, (...args: string[]) => Promise<void> | void>} */
const roles = {
  gateway: (workerUrl = '') => {
    serve(async (picture) => {
      const { body } = await request(workerUrl, { method: 'POST', body: picture });
      return Buffer.from(await body.arrayBuffer());
    });
  },
  worker: (...model) => {
    const child = spawn(
      process.execPath,
      [...collectionFlags, '--single-threaded', import.meta.filename, 'child', ...model],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: childEnv({ threads: Number(model[2]), logLevel: 'silent' }),
      },
    );
    /** @type {(answer: Buffer) => void} */
    let take = () => {};
    readFrames(child.stdout, (content) => take(content));
    serve((picture) => {
      const answered = new Promise((resolve) => {
        take = resolve;
      });
      writeFrame(child.stdin, picture);
      return answered;
    });
  },
  child: async (modelPath = '', inputSidePx = '', threads = '1') => {
    const run = await openPictureRun({ modelPath, inputSidePx: Number(inputSidePx), threads: Number(threads) });
    readFrames(process.stdin, async (picture) => {
      await run(picture);
      writeFrame(process.stdout, answer);
    });
    process.stdin.on('end', () => process.exit());
  },
};

const [role = '', ...args] = process.argv.slice(2);
await roles[role]?.(...args);
