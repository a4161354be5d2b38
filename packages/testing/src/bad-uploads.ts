import { type Fields, type FormPart, formOf, type RawAnswer, rawRequest, requestBytes } from './http.js';
import { pngBomb } from './pictures.js';

const MiB = 2 ** 20;

export interface BadUpload {
  readonly name: string;
  readonly send: () => Promise<RawAnswer>;
  readonly status: number;
  readonly code: string;
  /** What the detail must say. */
  readonly words: RegExp;
}

export interface UploadTarget {
  /** Of a quick route. */
  readonly url: string;
  /** With these and a picture the route answers 200. */
  readonly fields: Fields;
  readonly image: Uint8Array;
}

/** Uploads that no service may accept, over a socket each. */
export function badUploads({ url, fields, image }: UploadTarget): BadUpload[] {
  const filePart = (value: Uint8Array): FormPart => ({ name: 'file', value, filename: 'a.png', type: 'image/png' });
  const textParts = (more: Fields = {}) =>
    Object.entries({ ...fields, ...more }).map(([name, value]) => ({ name, value: String(value) }));
  const post = (body: Uint8Array, contentType: string, { halfClose = false } = {}) =>
    rawRequest(url, requestBytes('POST', url, { headers: { 'content-type': contentType }, body }), { halfClose });
  const postForm = (parts: readonly FormPart[]) => {
    const { body, contentType } = formOf(parts);
    return post(body, contentType);
  };
  const whole = formOf([...textParts(), filePart(image)]);
  const cut = whole.body.subarray(0, whole.body.length - 60);
  return [
    {
      name: 'a form without a file',
      send: () => postForm(textParts()),
      status: 400,
      code: 'FILE_MISSING',
      words: /no file in the field "file"/,
    },
    {
      name: 'a form whose boundary is not named',
      send: () => post(whole.body, 'multipart/form-data'),
      status: 400,
      code: 'BOUNDARY_MISSING',
      words: /names no boundary/,
    },
    {
      name: 'a form that is cut short',
      send: () => post(cut, whole.contentType),
      status: 400,
      code: 'MULTIPART_MALFORMED',
      words: /could not be read/,
    },
    {
      name: 'a text instead of a picture',
      send: () => postForm([...textParts(), filePart(Buffer.from('this is a text, not a picture\n'.repeat(20)))]),
      status: 415,
      code: 'IMAGE_UNSUPPORTED',
      words: /The file is text\. Send JPEG, PNG/,
    },
    {
      name: 'a picture that is cut short',
      send: () => postForm([...textParts(), filePart(image.subarray(0, Math.floor(image.length * 0.6)))]),
      status: 415,
      code: 'IMAGE_DAMAGED',
      words: /damaged or cut short/,
    },
    {
      name: 'a file of 33 MiB',
      send: () => postForm([...textParts(), filePart(Buffer.alloc(33 * MiB, 7))]),
      status: 413,
      code: 'FILE_TOO_LARGE',
      words: new RegExp(`limit of ${32 * MiB} bytes`),
    },
    {
      name: 'a bomb of 200 megapixels',
      send: () => postForm([...textParts(), filePart(pngBomb(20_000, 10_000))]),
      status: 413,
      code: 'IMAGE_TOO_LARGE',
      words: /20000×10000 = 200000000 pixels; the limit is 100000000/,
    },
    {
      name: 'a word that an option does not know',
      send: () => postForm([...textParts({ masks: 'squares' }), filePart(image)]),
      status: 422,
      code: 'FIELD_INVALID',
      words: /masks: .*polygon/,
    },
    {
      name: 'NaN as a threshold',
      send: () => postForm([...textParts({ confidence_threshold: 'NaN' }), filePart(image)]),
      status: 422,
      code: 'FIELD_INVALID',
      words: /confidence_threshold: /,
    },
    {
      name: 'a boolean that is none',
      send: () => postForm([...textParts({ agnostic_nms: 'yes' }), filePart(image)]),
      status: 422,
      code: 'FIELD_INVALID',
      words: /agnostic_nms: /,
    },
    {
      name: 'the wrong method',
      send: () => rawRequest(url, requestBytes('PUT', url)),
      status: 405,
      code: 'METHOD_NOT_ALLOWED',
      words: /answers POST, not PUT/,
    },
    {
      name: 'a body of another type',
      send: () => post(Buffer.from('hello'), 'text/plain'),
      status: 415,
      code: 'MEDIA_TYPE_UNSUPPORTED',
      words: /"text\/plain" is not accepted/,
    },
  ];
}
