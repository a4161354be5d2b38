import type { Problem, RequestBody, RouteContract } from '@lensgate/contracts';
import { gatewayRoutes, workerRoutes } from '@lensgate/contracts';
import { call, type Fields, formOf } from '@lensgate/testing';
import { type Doors, type Job, pictureName } from './doors.js';

/** A schema of an object, as far as this table reads it. */
interface Shaped {
  readonly shape: object;
}

/** What became of the one picture that was sent. */
export interface Told {
  readonly status: number;
  readonly body: Partial<Record<string, unknown>> & Partial<Omit<Problem, 'errors'>> & { readonly image_name?: string };
}

/** One way to send a picture and fields to one route. */
export interface Form {
  readonly name: string;
  readonly door: 'gateway' | 'worker';
  readonly kind: 'quick' | 'batch';
  /** Whether the picture comes with the request, or was uploaded before. */
  readonly picture: 'sent' | 'by handle';
  /** What the picture is called when no field says so. */
  readonly imageName: string;
  /** The fields that the contract knows. */
  readonly fields: readonly string[];
  send(doors: Doors, job: Job, fields: Fields, headers?: Readonly<Record<string, string>>): Promise<Told>;
}

type Way = Pick<Form, 'name' | 'picture' | 'imageName'> & {
  readonly request: (doors: Doors, fields: Fields) => { search: string; type?: string; accept?: string; body?: Buffer };
};

const asText = (fields: Fields) => Object.entries(fields).map(([name, value]): [string, string] => [name, `${value}`]);
const searchOf = (fields: Fields) => `?${new URLSearchParams(asText(fields))}`;

function multipart(fields: Fields, file?: { name: string; bytes: Buffer }) {
  const parts = asText(fields).map(([name, value]) => ({ name, value }));
  const files = file ? [{ name: file.name, value: file.bytes, filename: pictureName, type: 'image/png' }] : [];
  const { body, contentType } = formOf([...parts, ...files]);
  return { search: '', type: contentType, body };
}

/** Every way that a body of the contract may come. */
function waysOf(body: RequestBody): Way[] {
  if (body.kind === 'multipart') {
    const formed: [string, Way['request']][] = [
      ...['application/json', 'application/x-ndjson'].map((accept): [string, Way['request']] => [
        `a form, answered as ${accept}`,
        ({ scene }, fields) => ({ ...multipart(fields, { name: body.file, bytes: scene }), accept }),
      ]),
      [
        'a form, its fields in the query',
        ({ scene }, fields) => ({ ...multipart({}, { name: body.file, bytes: scene }), search: searchOf(fields) }),
      ],
    ];
    return formed.map(([name, request]) => ({ name, picture: 'sent', imageName: pictureName, request }));
  }
  if (body.kind !== 'forms') throw new Error(`pictures do not come as ${body.kind}`);
  const { file, instead, raw } = body;
  const withHandle = ({ handle }: Doors, fields: Fields): Fields => ({ [instead!]: handle, ...fields });
  const sent: Way[] = [
    {
      name: 'a form with a file',
      picture: 'sent',
      imageName: pictureName,
      request: ({ scene }, fields) => multipart(fields, { name: file, bytes: scene }),
    },
    ...raw.map((mediaType): Way => {
      const type = mediaType.replace('*', 'png');
      return {
        name: `a body of ${mediaType}`,
        picture: 'sent',
        imageName: type === 'image/png' ? 'image.png' : 'image',
        request: ({ scene }, fields) => ({ search: searchOf(fields), type, body: scene }),
      };
    }),
  ];
  if (instead === undefined) return sent;
  const byHandle: [string, Way['request']][] = [
    ['a form with a handle', (doors, fields) => multipart(withHandle(doors, fields))],
    [
      'JSON with a handle',
      (doors, fields) => ({
        search: '',
        type: 'application/json',
        body: Buffer.from(JSON.stringify(withHandle(doors, fields))),
      }),
    ],
    ['a query with a handle', (doors, fields) => ({ search: searchOf(withHandle(doors, fields)) })],
  ];
  const handles = byHandle.map(
    ([name, request]): Way => ({ name, picture: 'by handle', imageName: pictureName, request }),
  );
  return [...sent, ...handles];
}

function formsOf(door: Form['door'], route: RouteContract): Form[] {
  const body = route.body!;
  const kind = body.kind === 'multipart' ? 'batch' : 'quick';
  const fields = Object.keys((body as unknown as { fields: Shaped }).fields.shape);
  return waysOf(body).map(({ request, ...way }) => ({
    ...way,
    name: `${door}, ${kind}: ${way.name}`,
    door,
    kind,
    fields,
    async send(doors, job, more, headers) {
      const own = door === 'gateway' ? { training_job_id: job.training_job_id } : job;
      const { search, type, accept, body: bytes } = request(doors, { ...own, overlay: false, ...more });
      const { url } = door === 'gateway' ? doors.stack.gateway : doors.workerOf(job);
      const answer = await call<unknown>(`${url}${route.path}${search}`, {
        method: 'POST',
        headers: { ...headers, ...(type ? { 'content-type': type } : {}), ...(accept ? { accept } : {}) },
        ...(bytes ? { body: bytes } : {}),
      });
      return kind === 'quick' ? (answer as Told) : onlyResult(answer);
    },
  }));
}

const parsed = (line: string) => JSON.parse(line) as Told['body'];

/** The picture's own answer out of a batch of one; what refuses the whole batch as it is. */
function onlyResult({ status, body }: { status: number; body: unknown }): Told {
  if (status !== 200) return { status, body: body as Problem };
  const results =
    typeof body === 'string' ? body.trimEnd().split('\n').map(parsed) : (body as { results: Told['body'][] }).results;
  if (results.length !== 1) throw new Error(`${results.length} answers for one picture`);
  const [result] = results as [Told['body']];
  return { status: result.status ?? status, body: result };
}

const takesPictures = ({ tag, body }: RouteContract): boolean =>
  tag === 'inference' &&
  body !== undefined &&
  'fields' in body &&
  'confidence_threshold' in (body.fields as unknown as Shaped).shape;

/** The inference routes of the contract in every form that it names. */
export const forms: readonly Form[] = [
  ...Object.values<RouteContract>(gatewayRoutes)
    .filter(takesPictures)
    .flatMap((route) => formsOf('gateway', route)),
  ...Object.values<RouteContract>(workerRoutes)
    .filter(takesPictures)
    .flatMap((route) => formsOf('worker', route)),
];
