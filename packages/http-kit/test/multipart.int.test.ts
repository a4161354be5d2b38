import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  buildServer,
  createLogger,
  defineTestRoute,
  KiB,
  MiB,
  readMultipart,
  readMultipartStream,
  registerRoute,
} from './harness.js';

const fileBytesMax = 32 * MiB;
const form = defineTestRoute({
  method: 'POST',
  path: '/form',
  body: {
    kind: 'multipart',
    file: 'file',
    fields: z.object({ job: z.coerce.number().int(), note: z.string().optional() }),
  },
  replies: { 200: z.looseObject({}) },
});
const stream = { ...form, path: '/stream' } as const;
const small = { ...form, path: '/small' } as const;
const consumed: { bytes: number; outcome: string }[] = [];

const app = buildServer({
  service: 'test',
  logger: createLogger('test', 'silent'),
  guard: { hosts: [], origins: [] },
  limits: { drainBytesMax: 40 * MiB, lingerMs: 500 },
});
let url = '';
let port = 0;
beforeAll(async () => {
  registerRoute(app, form, async ({ request }) => {
    const { file, fields } = await readMultipart(request, form.body, {
      fileBytesMax,
      fieldsMax: 8,
      fieldBytesMax: 1 * KiB,
    });
    return { name: file.filename, type: file.mimetype, bytes: file.bytes.length, last: file.bytes.at(-1), fields };
  });
  registerRoute(app, stream, async ({ request }) => {
    const entry = { bytes: 0, outcome: 'running' };
    consumed.push(entry);
    const { fileResult, fields } = await readMultipartStream(request, stream.body, {
      fileBytesMax,
      onFile: async (source) => {
        try {
          await pipeline(
            source,
            async function* (chunks) {
              for await (const chunk of chunks) entry.bytes += (chunk as Buffer).length;
              yield '';
            },
            new Writable({ write: (_chunk, _encoding, done) => done() }),
          );
          entry.outcome = 'kept';
        } catch (error) {
          entry.outcome = 'undone';
          throw error;
        }
        return entry.bytes;
      },
      onDiscard: async () => {
        entry.outcome = 'discarded';
      },
    });
    return { bytes: fileResult, fields };
  });
  registerRoute(app, small, async ({ request }) => {
    const { file } = await readMultipart(request, small.body, { fileBytesMax: 10, fieldsBytesMax: 1 * KiB });
    return { bytes: file.bytes.length };
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  port = Number(new URL(url).port);
});
afterAll(() => app.close());

type Part = [name: string, value: string | Blob, filename?: string];
async function send(parts: Part[], path = '/form') {
  const data = new FormData();
  for (const [name, value, filename] of parts)
    if (typeof value === 'string') data.append(name, value);
    else data.append(name, value, filename);
  const response = await fetch(url + path, { method: 'POST', body: data });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}
const blob = (bytes: number | string) => new Blob([typeof bytes === 'string' ? bytes : new Uint8Array(bytes).fill(7)]);

/** Sends a body as it stands on a socket of its own, then half-closes nothing and reads to the end. */
function sendRaw(
  lines: string[],
  { contentType = 'multipart/form-data; boundary=x', path = '/form', length = -1, connection = 'close' } = {},
) {
  const body = lines.join('\r\n');
  return new Promise<string>((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: ${connection}\r\ncontent-type: ${contentType}\r\ncontent-length: ${length < 0 ? Buffer.byteLength(body) : length}\r\n\r\n${body}`,
      ),
    );
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}
const field = (name: string, value: string) => ['--x', `content-disposition: form-data; name="${name}"`, '', value];
const fileField = (name: string, value: string) => [
  '--x',
  `content-disposition: form-data; name="${name}"; filename="a.png"`,
  'content-type: image/png',
  '',
  value,
];

test('fields may come before or after the file, unknown text fields are ignored', async () => {
  const file: Part = ['file', blob(1000), 'a.png'];
  for (const parts of [
    [['job', '20'], file, ['other', 'x']],
    [file, ['other', 'x'], ['job', '20']],
  ] as Part[][])
    expect(await send(parts)).toMatchObject({
      status: 200,
      json: { bytes: 1000, last: 7, fields: { job: 20 }, name: 'a.png' },
    });
});

test('Korean names and texts survive, folders in a name do not', async () => {
  const { json } = await send([
    ['job', '1'],
    ['note', '빨간 치마'],
    ['file', blob(1), '사진 1.png'],
  ]);
  expect(json).toMatchObject({ name: '사진 1.png', fields: { note: '빨간 치마' } });
  const escaped = await sendRaw([
    ...field('job', '1'),
    '--x',
    `content-disposition: form-data; name="file"; filename*=UTF-8''%EC%82%AC%EC%A7%84.png`,
    '',
    'a',
    '--x--',
    '',
  ]);
  expect(escaped).toContain('사진.png');
  expect(
    (
      await send([
        ['job', '1'],
        ['file', blob(1), '../../etc/passwd'],
      ])
    ).json.name,
  ).toBe('passwd');
});

test.each<[string, Part[], number, string]>([
  ['no file', [['job', '1']], 400, 'FILE_MISSING'],
  [
    'a file sent as text',
    [
      ['job', '1'],
      ['file', 'text'],
    ],
    400,
    'FILE_MISSING',
  ],
  [
    'an empty file',
    [
      ['job', '1'],
      ['file', blob(0), 'a.png'],
    ],
    400,
    'FILE_MISSING',
  ],
  [
    'a second file',
    [
      ['job', '1'],
      ['file', blob(1), 'a.png'],
      ['file', blob(1), 'b.png'],
    ],
    422,
    'FIELD_INVALID',
  ],
  [
    'a file of another name',
    [
      ['job', '1'],
      ['picture', blob(1), 'a.png'],
    ],
    422,
    'FIELD_INVALID',
  ],
  [
    'a repeated field',
    [
      ['job', '1'],
      ['job', '2'],
      ['file', blob(1), 'a.png'],
    ],
    422,
    'FIELD_INVALID',
  ],
  ['a missing field', [['file', blob(1), 'a.png']], 422, 'FIELD_INVALID'],
  [
    'a field that is too long',
    [
      ['job', '1'],
      ['note', 'x'.repeat(1025)],
      ['file', blob(1), 'a.png'],
    ],
    422,
    'FIELD_INVALID',
  ],
  [
    'too many fields',
    [...Array.from({ length: 9 }, (_, i): Part => [`f${i}`, '']), ['file', blob(1), 'a.png']],
    422,
    'FIELD_INVALID',
  ],
  [
    'a field named __proto__',
    [
      ['__proto__', '{"job":1}'],
      ['file', blob(1), 'a.png'],
    ],
    422,
    'FIELD_INVALID',
  ],
])('%s is refused with words', async (_, parts, status, code) => {
  expect(await send(parts)).toMatchObject({ status, json: { code } });
});

test.each([
  ['no boundary', ['a'], 'multipart/form-data', 400, 'BOUNDARY_MISSING'],
  ['an empty boundary', ['a'], 'multipart/form-data; boundary=', 400, 'BOUNDARY_MISSING'],
  ['another body type', ['a'], 'application/json', 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ['a body without any boundary in it', ['nothing here'], undefined, 400, 'MULTIPART_MALFORMED'],
  ['an empty body', [''], undefined, 400, 'MULTIPART_MALFORMED'],
  [
    'a body cut in the file',
    [...field('job', '1'), ...fileField('file', 'abc')],
    undefined,
    400,
    'MULTIPART_MALFORMED',
  ],
  ['a body cut in a field', [...fileField('file', 'abc'), ...field('job', '1')], undefined, 400, 'MULTIPART_MALFORMED'],
  [
    'a text without a name',
    ['--x', 'content-disposition: form-data', '', 'a', ...fileField('file', 'abc'), '--x--', ''],
    undefined,
    400,
    'MULTIPART_MALFORMED',
  ],
  [
    'a file without a name',
    ['--x', 'content-disposition: form-data; filename="a.png"', '', 'a', '--x--', ''],
    undefined,
    400,
    'MULTIPART_MALFORMED',
  ],
  ['a body cut in the part headers', ['--x', 'content-disp'], undefined, 400, 'MULTIPART_MALFORMED'],
])('%s is told apart', async (_, lines, contentType, status, code) => {
  const answer = await sendRaw(lines, contentType ? { contentType } : {});
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(answer).toContain(`"code":"${code}"`);
});

test('a file of exactly the limit passes, one byte more does not, every time', async () => {
  expect(
    await send(
      [
        ['job', '1'],
        ['file', blob(10), 'a'],
      ],
      '/small',
    ),
  ).toMatchObject({ status: 200, json: { bytes: 10 } });
  for (let round = 0; round < 20; round += 1)
    expect(
      await send(
        [
          ['file', blob(11), 'a'],
          ['job', '1'],
        ],
        '/small',
      ),
    ).toMatchObject({ status: 413, json: { code: 'FILE_TOO_LARGE', params: { limit_bytes: 10 } } });
  expect(
    await send(
      [
        ['job', '1'],
        ['file', blob(10), 'a'],
      ],
      '/small',
    ),
  ).toMatchObject({ status: 200 });
});

test('33 MiB against a limit of 32 MiB is answered readably, with and without a declared length', async () => {
  for (let round = 0; round < 3; round += 1)
    expect(
      await send([
        ['job', '1'],
        ['file', blob(33 * MiB), 'a.png'],
      ]),
    ).toMatchObject({ status: 413, json: { code: 'FILE_TOO_LARGE' } });
  const chunked = await fetch(`${url}/form`, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from([...field('job', '1'), ...fileField('file', '')].join('\r\n')));
        for (let part = 0; part < 33; part += 1) controller.enqueue(new Uint8Array(MiB));
        controller.enqueue(Buffer.from('\r\n--x--\r\n'));
        controller.close();
      },
    }),
    duplex: 'half',
  } as RequestInit);
  expect(chunked.status).toBe(413);
  expect(await chunked.json()).toMatchObject({ code: 'FILE_TOO_LARGE' });
});

/** A client that writes everything before it reads, as simple clients do. */
function writeThenRead(bytes: number, connection: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    socket.on('error', reject);
    const head = [...field('job', '1'), ...fileField('file', '')].join('\r\n');
    const tail = '\r\n--x--\r\n';
    socket.write(
      `POST /form HTTP/1.1\r\nhost: localhost\r\nconnection: ${connection}\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: ${head.length + bytes + tail.length}\r\n\r\n${head}`,
    );
    socket.write(Buffer.alloc(bytes));
    socket.write(tail, () => {
      socket.on('data', (chunk) => {
        answer += chunk;
        if (answer.includes('"retryable"')) {
          socket.destroy();
          resolve(answer);
        }
      });
      socket.resume();
    });
  });
}

test.each(['keep-alive', 'close'])(
  'a client that reads only after it has sent 33 MiB gets its 413 (%s)',
  async (connection) => {
    expect(await writeThenRead(33 * MiB, connection)).toContain('FILE_TOO_LARGE');
  },
);

test('a rest that is too large to swallow ends with the answer and a half-close', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write(
      'POST /form HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: 99999999999\r\n\r\n',
    );
    const more = () => {
      while (!socket.destroyed && socket.write(Buffer.alloc(MiB)));
    };
    socket.on('drain', more);
    more();
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => {
      socket.destroy();
      resolve(text);
    });
    socket.on('error', reject);
  });
  expect(answer).toContain('HTTP/1.1 413 ');
});

test('after a refusal the same connection serves the next request', async () => {
  const first = await sendRaw(
    [
      ...field('job', '1'),
      ...field('job', '2'),
      ...fileField('file', 'x'.repeat(100_000)),
      '--x--',
      '',
      'GET /nowhere HTTP/1.1',
      'host: localhost',
      'connection: close',
      '',
      '',
    ],
    {
      connection: 'keep-alive',
      length: Buffer.byteLength(
        [...field('job', '1'), ...field('job', '2'), ...fileField('file', 'x'.repeat(100_000)), '--x--', ''].join(
          '\r\n',
        ),
      ),
    },
  );
  expect(first).toContain('FIELD_INVALID');
  expect(first).toContain('ROUTE_NOT_FOUND');
});

test('a streamed file is handed on; one that turns out faulty is undone or discarded', async () => {
  expect(
    await send(
      [
        ['job', '1'],
        ['file', blob(5 * MiB), 'a'],
      ],
      '/stream',
    ),
  ).toMatchObject({ status: 200, json: { bytes: 5 * MiB } });
  expect(consumed.at(-1)?.outcome).toBe('kept');
  expect((await send([['file', blob(1000), 'a']], '/stream')).status).toBe(422);
  expect(consumed.at(-1)?.outcome).toBe('discarded');
  expect(await sendRaw(fileField('file', 'abc'), { path: '/stream' })).toContain('MULTIPART_MALFORMED');
  expect(consumed.at(-1)?.outcome).toBe('undone');
});

test('a client that goes away in the middle of a streamed file leaves nothing behind', async () => {
  const socket = connect(port, '127.0.0.1');
  const started = consumed.length;
  socket.write(
    `POST /stream HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: 20000000\r\n\r\n${fileField('file', 'abc').join('\r\n')}`,
  );
  socket.write(Buffer.alloc(1 * MiB));
  await expect.poll(() => consumed[started]?.bytes).toBeGreaterThan(0);
  socket.destroy();
  await expect.poll(() => consumed[started]?.outcome).toBe('undone');
  await expect.poll(() => app.lifecycle.inFlight).toBe(0);
});
