import type { RequestBody } from '@lensgate/contracts';

/** The media types that a body may have, as a refusal names them. */
export function acceptedTypes(body: RequestBody): string {
  if (body.kind === 'json') return 'application/json';
  if (body.kind === 'multipart') return 'multipart/form-data';
  if (body.kind === 'binary') return body.mediaType;
  return ['multipart/form-data', ...(body.instead === undefined ? [] : ['application/json']), ...body.raw].join(', ');
}
