import type { IncomingMessage } from 'node:http';
import { Failure, type FormsBody, fail, fieldFault, fieldWords } from '@lensgate/contracts';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type FileChunks, type MultipartLimits, missingFile, readFormParts, takeFile } from './multipart.js';
import { parseChecked } from './parse-checked.js';
import { readBody } from './read-body.js';
import { readJson } from './read-json.js';
import { said } from './said.js';
import { within } from './within.js';

export interface ReadForms<B extends FormsBody> {
  readonly file: B extends { instead: string } ? FileChunks | undefined : FileChunks;
  readonly fields: z.output<B['fields']>;
}

export interface FormsLimits extends Omit<MultipartLimits, 'beforeFile'> {
  readonly jsonBytesMax?: number;
  /**
   * Called before the file is read, with the fields that are known by then, not yet checked: throws what the request is
   * refused for. The rest is not read, only swallowed.
   */
  readonly beforeFile?: (values: Readonly<Record<string, unknown>>) => void;
}

type Values = Record<string, unknown>;
interface Parts {
  readonly file?: FileChunks;
  /** Fields of the body that the contract knows. */
  readonly values: Values;
}

const jsonBytesMaxDefault = 1_048_576;

/**
 * Reads a request in whichever of its contract's forms it comes. Fields that the contract does not know are ignored, and
 * one in the body counts before the same in the query.
 * @returns the file, and undefined only where the field that may stand for it was given
 * @throws FILE_MISSING for neither, FIELD_INVALID for both; MEDIA_TYPE_UNSUPPORTED, BODY_MALFORMED, and as `readMultipart`
 */
export async function readForms<const B extends FormsBody>(
  request: FastifyRequest,
  body: B,
  limits: FormsLimits,
): Promise<ReadForms<B>> {
  const { file, values } = await partsOf(request, body, limits);
  const all = { ...knownOf(request.query as Values, body), ...values };
  const { instead } = body;
  const standsIn = instead !== undefined && all[instead] !== undefined && all[instead] !== '';
  if (!file && !standsIn) throw missingFile(body.file);
  if (file && standsIn) throw fieldFault(instead, said.notTogether(body.file));
  return { file, fields: parseChecked(body.fields, all) } as ReadForms<B>;
}

async function partsOf(request: FastifyRequest, body: FormsBody, limits: FormsLimits): Promise<Parts> {
  const { headers } = request;
  const mediaType = headers['content-type'] ?? '';
  const inQuery = knownOf(request.query as Values, body);
  const [bare = ''] = mediaType.toLowerCase().split(';', 1);
  if (isOf(bare.trim(), 'multipart/*')) {
    const { fileResults, texts } = await readFormParts(request, body, {
      ...limits,
      beforeFile: (known) => limits.beforeFile?.({ ...inQuery, ...Object.fromEntries(known) }),
      onFile: takeFile,
    });
    const [file] = fileResults;
    return { ...(file ? { file } : {}), values: Object.fromEntries(texts) };
  }
  if (body.instead !== undefined && /^application\/([\w.+-]+\+)?json$/.test(bare.trim()))
    return { values: knownOf(await readObject(request, limits), body) };
  if (body.instead !== undefined && hasNoBody(request.raw)) return { values: {} };
  if (body.raw.some((type) => isOf(bare.trim(), type))) {
    limits.beforeFile?.(inQuery);
    return { file: await readFile(request, body.file, bare.trim(), limits), values: {} };
  }
  const accepted = ['multipart/form-data', ...(body.instead === undefined ? [] : ['application/json']), ...body.raw];
  throw fail('MEDIA_TYPE_UNSUPPORTED', { media_type: mediaType, accepted: accepted.join(', ') });
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
  if (bytes.length === 0) throw missingFile(field, said.emptyFile);
  return { filename: '', mimetype, chunks: [bytes] };
}

async function readObject(request: FastifyRequest, { jsonBytesMax = jsonBytesMaxDefault }: FormsLimits) {
  const value = await readJson(request, { bodyBytesMax: jsonBytesMax });
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fieldFault('(request)', fieldWords.jsonObject);
  return value as Values;
}

/** Null means "not given", as it does where clients fill in what they do not know. */
const knownOf = (values: Values, { fields }: FormsBody): Values =>
  Object.fromEntries(
    Object.entries(values).filter(([name, value]) => Object.hasOwn(fields.shape, name) && value !== null),
  );

const hasNoBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

const isOf = (mediaType: string, wanted: string): boolean =>
  wanted.endsWith('/*') ? mediaType.startsWith(wanted.slice(0, -1)) : mediaType === wanted;
