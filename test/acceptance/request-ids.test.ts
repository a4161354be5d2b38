import type { InferenceReply, Problem } from '@lensgate/contracts';
import {
  call,
  childLinesOf,
  closeConnections,
  type Fields,
  formOf,
  greyPicture,
  type Stack,
  startStack,
  waitFor,
  workerFields,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

type Result = InferenceReply | (Problem & { index: number });

let stack: Stack;
let picture: Buffer;
beforeAll(async () => {
  picture = await greyPicture(0);
  stack = await startStack();
});
afterAll(async () => {
  await stack?.close();
  await closeConnections();
});
const worker = () => stack.workers.get('ultralytics')!;

const doors = {
  gateway: () => ({
    quick: stack.gateway.quickUrl,
    batch: stack.gateway.quickUrl.replace('quick', 'batch'),
    fields: { training_job_id: 20 } as Fields,
  }),
  worker: () => ({
    quick: worker().quickUrl,
    batch: worker().quickUrl.replace('quick', 'batch'),
    fields: workerFields({ model_name: 'wardrobe-det', num_classes: 10 }),
  }),
};

interface Sent {
  readonly fields: Fields;
  readonly files: readonly Uint8Array[];
  readonly headers: Readonly<Record<string, string>>;
}

function post<T>(url: string, { fields, files, headers }: Sent) {
  const name = files.length > 1 ? 'files' : 'file';
  const { body, contentType } = formOf([
    ...Object.entries(fields).map(([field, value]) => ({ name: field, value: String(value) })),
    ...files.map((value) => ({ name, value, filename: 'a.png', type: 'image/png' })),
  ]);
  return call<T>(url, { method: 'POST', body, headers: { 'content-type': contentType, ...headers } });
}

/** Waits for the line of a service on a request. */
const lineOf = (service: 'gateway' | 'worker', requestId: string) =>
  (service === 'gateway' ? stack.gateway : worker()).logged(
    (line) => line.msg === 'request' && line.request_id === requestId,
    `the line of ${requestId} at the ${service}`,
  );

const ends = {
  'a picture': { file: () => picture, told: undefined },
  'a file that is none': { file: () => Buffer.from('no picture'), told: 'IMAGE_UNSUPPORTED' },
} as const;

describe.each(['gateway', 'worker'] as const)('the id of a request at the %s', (door) => {
  test.each(Object.entries(ends))('with %s is the caller’s in every answer and line', async (name, { file, told }) => {
    const requestId = `${door}:${name.replaceAll(' ', '-')}.1`;
    const { quick: url, fields } = doors[door]();
    const { headers, body } = await post<Partial<Problem>>(url, {
      fields,
      files: [file()],
      headers: { 'x-request-id': requestId },
    });
    expect(headers['x-request-id']).toBe(requestId);
    expect([body.code, body.request_id]).toEqual(told ? [told, requestId] : [undefined, undefined]);
    if (door === 'gateway') await lineOf('gateway', requestId);
    await lineOf('worker', requestId);
    await waitFor(() => childLinesOf(worker(), requestId).length === 1, { what: 'the line of the child' });
  });

  test('is replaced by one of ours when it is not plain, and that one goes all the way', async () => {
    const { quick: url, fields } = doors[door]();
    const headers = { 'x-request-id': 'not plain; at all' };
    const answer = await post<Problem>(url, { fields, files: [Buffer.from('no picture')], headers });
    const { request_id: requestId } = answer.body;
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers['x-request-id']).toBe(requestId);
    if (door === 'gateway') expect(await lineOf('gateway', requestId)).toMatchObject({ code: 'IMAGE_UNSUPPORTED' });
    expect(await lineOf('worker', requestId)).toMatchObject({ code: 'IMAGE_UNSUPPORTED' });
    await waitFor(() => childLinesOf(worker(), requestId).length === 1, { what: 'the line of the child' });
  });

  test.each(['application/json', 'application/x-ndjson'])(
    'of a batch answered as %s is in each problem and each line',
    async (accept) => {
      const requestId = `${door}-${accept.split(/[/-]/).at(-1)}`;
      const { batch: url, fields } = doors[door]();
      const { headers, body } = await post<{ results: Result[] } | string>(url, {
        fields,
        files: [picture, Buffer.from('no picture'), Buffer.alloc(0)],
        headers: { accept, 'x-request-id': requestId, 'accept-language': 'ko' },
      });
      expect(headers['x-request-id']).toBe(requestId);
      const results = resultsIn(body).filter((result): result is Problem & { index: number } => 'code' in result);
      expect(results.sort((a, b) => a.index - b.index)).toMatchObject([
        { index: 1, code: 'IMAGE_UNSUPPORTED', title: '지원하지 않는 이미지', request_id: requestId },
        { index: 2, code: 'FILE_MISSING', title: '파일 없음', request_id: requestId },
      ]);
      if (door === 'gateway') await lineOf('gateway', requestId);
      await lineOf('worker', requestId);
      await waitFor(() => childLinesOf(worker(), requestId).length === 2, { what: 'two lines of children' });
    },
  );
});

/** A batch's results; lines come as they are done. */
function resultsIn(body: { results: Result[] } | string): Result[] {
  if (typeof body !== 'string') return body.results;
  return body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Result);
}
