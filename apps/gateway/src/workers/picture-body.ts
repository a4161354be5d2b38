import { type FormFile, formBody } from './form-body.js';

/** A picture and its fields, ready to be sent to one worker after the other. */
export interface PictureBody {
  /** The query string, with its question mark; empty when the fields are in the body. */
  readonly search: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** Request lines share the limit of 16 KiB that headers have; longer fields, such as many class names, need a form. */
const searchBytesMax = 4_096;

/**
 * The picture as the body and the fields in the query, which spares both sides a form; a form when the fields are too
 * long for that. Fields that are undefined are left out.
 */
export function pictureBody(fields: Readonly<Record<string, string | undefined>>, file: FormFile): PictureBody {
  const given = Object.entries({ ...fields, filename: file.filename || undefined });
  const search = shortSearch(given.filter((entry): entry is [string, string] => entry[1] !== undefined));
  if (search === undefined) return { search: '', ...formBody(fields, file) };
  const [first] = file.chunks;
  return {
    search,
    // The client's own word goes into a header of ours only when it is plain.
    contentType: /^image\/[\w.+-]{1,100}$/.test(file.mimetype) ? file.mimetype : 'application/octet-stream',
    bytes:
      first && file.chunks.length === 1
        ? Buffer.from(first.buffer, first.byteOffset, first.length)
        : Buffer.concat(file.chunks),
  };
}

/** @returns undefined when it would be too long; long values are not even encoded */
function shortSearch(fields: readonly (readonly [string, string])[]): string | undefined {
  if (fields.reduce((sum, [, value]) => sum + value.length, 0) > searchBytesMax) return undefined;
  const search = `?${new URLSearchParams(Object.fromEntries(fields))}`;
  return search.length > searchBytesMax ? undefined : search;
}
