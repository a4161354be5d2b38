import type { IncomingMessage } from 'node:http';
import { Failure, type FormsBody, fail, fieldFault, fieldWords } from '@lensgate/contracts';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { acceptedTypes } from './accepted-types.js';
import { type FieldsOfRequest, joinFields, splitFields } from './form-fields.js';
import { emptyFile, type FileChunks, type MultipartLimits, missingFile, readFormParts, takeFile } from './multipart.js';
import { parseChecked } from './parse-checked.js';
import { readBody } from './read-body.js';
import { readJson } from './read-json.js';
import { said } from './said.js';
import { within } from './within.js';

export interface ReadForms<B extends FormsBody> {
  readonly file: B extends { instead: string } ? FileChunks | undefined : FileChunks;
  readonly fields: z.output<B['fields']>;
  /** Names of fields that the contract does not know. */
  readonly unknown: readonly string[];
}

export interface FormsLimits extends MultipartLimits {
  readonly jsonBytesMax?: number;
}

type Values = Record<string, unknown>;
type Parts = { readonly file?: FileChunks | undefined } & FieldsOfRequest;

const jsonBytesMaxDefault = 1_048_576;

/**
 * Reads a request in whichever of its contract's forms it comes. A field in the body counts before the same in the query.
 * @returns the file, and undefined only where the field that may stand for it was given
 * @throws FILE_MISSING for neither, FIELD_INVALID for both; MEDIA_TYPE_UNSUPPORTED, BODY_MALFORMED, and as `readMultipart`
 */
export async function readForms<const B extends FormsBody>(
  request: FastifyRequest,
  body: B,
  limits: FormsLimits,
): Promise<ReadForms<B>> {
  const { file, values, unknown } = await partsOf(request, body, limits);
  const { instead } = body;
  const standsIn = instead !== undefined && values[instead] !== undefined && values[instead] !== '';
  if (!file && !standsIn) throw missingFile(body.file);
  if (file && standsIn) throw fieldFault(instead, said.notTogether(body.file));
  return { file, fields: parseChecked(body.fields, values), unknown } as ReadForms<B>;
}

async function partsOf(request: FastifyRequest, body: FormsBody, limits: FormsLimits): Promise<Parts> {
  const { headers } = request;
  const mediaType = headers['content-type'] ?? '';
  const inQuery = splitFields(request.query as Values, body.fields);
  const [bare = ''] = mediaType.toLowerCase().split(';', 1);
  if (isOf(bare.trim(), 'multipart/*')) {
    const {
      fileResults: [file],
      ...fields
    } = await readFormParts(request, body, { ...limits, onFile: takeFile });
    return { file, ...fields };
  }
  if (body.instead !== undefined && /^application\/([\w.+-]+\+)?json$/.test(bare.trim()))
    return joinFields(inQuery, splitFields(await readObject(request, limits), body.fields));
  if (body.instead !== undefined && hasNoBody(request.raw)) return inQuery;
  if (body.raw.some((type) => isOf(bare.trim(), type))) {
    limits.beforeFile?.(inQuery.values);
    return { file: await readFile(request, body.file, bare.trim(), limits), ...inQuery };
  }
  throw fail('MEDIA_TYPE_UNSUPPORTED', { media_type: mediaType, accepted: acceptedTypes(body) });
}

async function readFile(
  { raw }: FastifyRequest,
  field: string,
  mimetype: string,
  { fileBytesMax, bodyTimeoutMs = 3_600_000 }: FormsLimits,
): Promise<FileChunks> {
  const reading = readBody(raw, { bodyBytesMax: fileBytesMax }).catch((error: unknown) => {
    const isTooLarge = error instanceof Failure && error.code === 'BODY_TOO_LARGE';
    throw isTooLarge ? fail('FILE_TOO_LARGE', { limit_bytes: fileBytesMax }) : error;
  });
  const bytes = await within(reading, bodyTimeoutMs);
  if (bytes.length === 0) throw emptyFile(field);
  return { filename: '', mimetype, chunks: [bytes] };
}

async function readObject(request: FastifyRequest, { jsonBytesMax = jsonBytesMaxDefault }: FormsLimits) {
  const value = await readJson(request, { bodyBytesMax: jsonBytesMax });
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fieldFault('(request)', fieldWords.jsonObject);
  return value as Values;
}

const hasNoBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

const isOf = (mediaType: string, wanted: string): boolean =>
  wanted.endsWith('/*') ? mediaType.startsWith(wanted.slice(0, -1)) : mediaType === wanted;
