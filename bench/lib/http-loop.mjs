// Sends a gateway the same picture again and again, in a process of its own, so that nothing else is in its times: as the
// form of a job, or as the whole body where no job is named. The request is made once and written as it is, and of an answer no more is read than its end: a client library's own time,
// half a millisecond on code that a model has just driven out of the caches, is not the gateway's.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { formOf } from '@lensgate/testing';
import { serveTimes } from './timed-loop.mjs';

const [url = '', picturePath = '', jobId] = process.argv.slice(2);
const picture = await readFile(picturePath);
const { body, contentType } =
  jobId === undefined
    ? { body: picture, contentType: 'image/jpeg' }
    : formOf([
        { name: 'training_job_id', value: jobId },
        { name: 'overlay', value: 'false' },
        { name: 'file', value: picture, filename: 'picture.jpg', type: 'image/jpeg' },
      ]);
const { hostname, port, host } = new URL(url);
const head = [
  'POST /api/v1/test_inference/inference/quick HTTP/1.1',
  `host: ${host}`,
  `content-type: ${contentType}`,
  `content-length: ${body.length}`,
];
const request = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);

/** @type {import('node:net').Socket | undefined} */
let kept;

/** The gateway closes a connection that rests for long. */
async function connection() {
  if (kept?.writable) return kept;
  kept = connect(Number(port), hostname).setNoDelay(true);
  kept.on('error', () => {});
  kept.on('end', () => kept?.destroy(new Error('the gateway has closed the connection')));
  await once(kept, 'connect');
  return kept;
}

/** @param {Buffer} answer @returns {number} bytes of the whole of it; Infinity while its head is not there */
function lengthOf(answer) {
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd < 0) return Number.POSITIVE_INFINITY;
  const length = /^content-length: (\d+)/im.exec(answer.toString('latin1', 0, headEnd))?.[1];
  if (length === undefined) throw new Error('an answer without a length');
  return headEnd + 4 + Number(length);
}

async function ask() {
  const socket = await connection();
  socket.write(request);
  let answer = Buffer.alloc(0);
  while (answer.length < lengthOf(answer)) {
    const [chunk] = await once(socket, 'data');
    answer = Buffer.concat([answer, chunk]);
  }
  if (!answer.toString('latin1', 0, 20).startsWith('HTTP/1.1 200')) throw new Error(answer.toString());
}

serveTimes(ask);
