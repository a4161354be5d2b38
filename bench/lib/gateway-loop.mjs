// Asks a gateway for the same picture again and again, in a process of its own, so that nothing else is in its times.
import { readFile } from 'node:fs/promises';
import { formOf } from '@lensgate/testing';
import { Agent, request } from 'undici';
import { serveTimes } from './timed-loop.mjs';

const [url = '', picturePath = '', jobId = ''] = process.argv.slice(2);
const { body, contentType } = formOf([
  { name: 'training_job_id', value: jobId },
  { name: 'overlay', value: 'false' },
  { name: 'file', value: await readFile(picturePath), filename: 'picture.jpg', type: 'image/jpeg' },
]);
const agent = new Agent();

async function once() {
  const answer = await request(`${url}/api/v1/test_inference/inference/quick`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body,
    dispatcher: agent,
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(text);
}

serveTimes(once);
