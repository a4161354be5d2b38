import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyHeaders } from '@fastify/busboy';
import { type Failure, fail, fieldFault, type RequestBody, type Words, withoutControls } from '@lensgate/contracts';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type FieldsOfRequest, joinFields, splitFields } from './form-fields.js';
import { KiB, MiB } from './limits.js';
import { parseChecked } from './parse-checked.js';
import { said } from './said.js';

type MultipartBody = Extract<RequestBody, { kind: 'multipart' }>;

export interface MultipartLimits {
  readonly fileBytesMax: number;
  /** All files together; default: one file. */
  readonly filesBytesMax?: number;
  /** Text fields, the unknown ones counted. */
  readonly fieldsMax?: number;
  /** One text field. */
  readonly fieldBytesMax?: number;
  /** Everything that is not the file: text fields, part headers, boundaries. */
  readonly fieldsBytesMax?: number;
  /**
   * Called before a file is read, with the known fields so far, not yet checked: throws what the request is refused for.
   * The rest is not read, only swallowed.
   */
  readonly beforeFile?: ((values: Readonly<Record<string, unknown>>) => void) | undefined;
  /** The whole body must have arrived by then, counted from the first read; the server's own limit applies anyway. */
  readonly bodyTimeoutMs?: number;
}

export interface FileInfo {
  /** The client's own name, without folders. */
  readonly filename: string;
  readonly mimetype: string;
}

/** What a form may hold. */
type FormParts = Pick<MultipartBody, 'file' | 'filesMax' | 'fields'>;
type AllLimits = Required<Omit<MultipartLimits, 'beforeFile'>> & Pick<MultipartLimits, 'beforeFile'>;

/** Takes a file as it comes. */
export interface FileTaker<T> {
  readonly onFile: (stream: Readable, info: FileInfo) => Promise<T>;
  readonly onDiscard?: (result: T) => Promise<void>;
}

export interface MultipartFile extends FileInfo {
  readonly bytes: Buffer;
}

const defaults = { fieldsMax: 64, fieldBytesMax: 1 * MiB, fieldsBytesMax: 2 * MiB, bodyTimeoutMs: 3_600_000 };

/**
 * Reads a form with one file into memory. Fields may come before or after the file, and a known one may come as a file
 * too; the query may hold fields as well, and the same in the form counts before it. Text fields that the contract does
 * not know are named in `unknown`.
 * @throws MEDIA_TYPE_UNSUPPORTED, BOUNDARY_MISSING, MULTIPART_MALFORMED, FILE_MISSING, FILE_TOO_LARGE, BODY_TOO_LARGE,
 *         FIELD_INVALID, REQUEST_TIMEOUT; the rest of a refused body is swallowed after the answer
 */
export async function readMultipart<const B extends MultipartBody>(
  request: FastifyRequest,
  body: B,
  limits: MultipartLimits,
): Promise<{ file: MultipartFile; fields: z.output<B['fields']>; unknown: readonly string[] }> {
  const { fileResult, ...rest } = await readMultipartStream(request, body, {
    ...limits,
    onFile: async (stream, info) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      return { ...info, bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) };
    },
  });
  return { file: fileResult, ...rest };
}

/**
 * Reads a form with one file, which is handed on as it comes. When the form turns out to be faulty the stream is
 * destroyed with the failure, so `onFile` must undo what it has done when its stream fails, and what it returned is
 * handed to `onDiscard` when the fault shows after the file.
 * @throws as `readMultipart`, and what `onFile` throws
 */
export async function readMultipartStream<const B extends MultipartBody, T>(
  request: FastifyRequest,
  body: B,
  options: MultipartLimits & FileTaker<T>,
): Promise<{ fileResult: T; fields: z.output<B['fields']>; unknown: readonly string[] }> {
  const { fileResults, values, unknown } = await readFormParts(request, body, options);
  const [fileResult] = fileResults;
  if (fileResults.length === 0) throw fail('FILE_MISSING', { field: body.file });
  try {
    const fields = parseChecked(body.fields, values) as z.output<B['fields']>;
    return { fileResult: fileResult as T, fields, unknown };
  } catch (error) {
    await options.onDiscard?.(fileResult as T);
    throw error;
  }
}

/** A file in memory, in pieces as they came. */
export interface FileChunks extends FileInfo {
  readonly chunks: readonly Buffer[];
}

export const takeFile = async (stream: AsyncIterable<Buffer>, info: FileInfo): Promise<FileChunks> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { ...info, chunks };
};

/**
 * Reads a form with several files into memory.
 * @returns the files in the order of the form, at least one; one may be empty
 * @throws as `readMultipart`; BODY_TOO_LARGE when all files together are too large
 */
export async function readFiles<const B extends MultipartBody>(
  request: FastifyRequest,
  body: B,
  limits: MultipartLimits,
): Promise<{ files: FileChunks[]; fields: z.output<B['fields']>; unknown: readonly string[] }> {
  const { fileResults, values, unknown } = await readFormParts(request, body, { ...limits, onFile: takeFile });
  if (fileResults.length === 0) throw missingFile(body.file);
  const fields = parseChecked(body.fields, values) as z.output<B['fields']>;
  return { files: fileResults, fields, unknown };
}

/**
 * Reads a form, and the query beside it, whose fields are still to be checked.
 * @returns what became of the files, in the order of the form, and the fields
 * @throws as `readMultipartStream`, but neither FILE_MISSING for a form without a file nor FIELD_INVALID by the schema
 */
export async function readFormParts<T>(
  request: FastifyRequest,
  body: FormParts,
  options: MultipartLimits & FileTaker<T>,
): Promise<{ fileResults: T[] } & FieldsOfRequest> {
  const incoming = request.raw;
  const inQuery = splitFields(request.query as Record<string, unknown>, body.fields);
  const limits = { ...defaults, filesBytesMax: options.fileBytesMax, ...options };
  checkHeaders(incoming, limits);
  const pending: Promise<T>[] = [];
  try {
    const inForm = await parseForm(incoming, { ...body, inQuery }, limits, (stream, info) => {
      const taken = options.onFile(stream, info);
      pending.push(taken);
      return taken;
    });
    return { fileResults: await Promise.all(pending), ...joinFields(inQuery, inForm) };
  } catch (error) {
    // The consumer must have let go of its file before the refusal is answered.
    for (const settled of await Promise.allSettled(pending))
      if (settled.status === 'fulfilled') await options.onDiscard?.(settled.value);
    throw error;
  }
}

function checkHeaders(incoming: IncomingMessage, limits: AllLimits): void {
  const mediaType = incoming.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\s*(;|$)/i.test(mediaType))
    throw fail('MEDIA_TYPE_UNSUPPORTED', { media_type: mediaType, accepted: 'multipart/form-data' });
  if (!/;\s*boundary=\s*("[^"]+"|[^\s;"]+)/i.test(mediaType)) throw fail('BOUNDARY_MISSING', {});
  if (Number(incoming.headers['content-length'] ?? 0) > limits.filesBytesMax + limits.fieldsBytesMax)
    throw limits.filesBytesMax > limits.fileBytesMax
      ? fail('BODY_TOO_LARGE', { limit_bytes: limits.filesBytesMax })
      : fail('FILE_TOO_LARGE', { limit_bytes: limits.fileBytesMax });
}

export const missingFile = (field: string, message?: Words): Failure =>
  fail('FILE_MISSING', { field }, message ? { errors: [{ field, message }] } : {});

/** The refusal of a file that came without bytes. */
export const emptyFile = (field: string): Failure => missingFile(field, said.emptyFile);

/** Names of files go into answers and headers: no control characters, no more than file systems take. */
const cleanName = (name: string | undefined): string => withoutControls(name ?? '').slice(0, 255);

/**
 * Parses the form; resolves with its text fields when the body has ended and the file has been taken in. The first fault
 * stops the reading at once.
 */
function parseForm(
  incoming: IncomingMessage,
  body: FormParts & { readonly inQuery: FieldsOfRequest },
  limits: AllLimits,
  onFile: (stream: Readable, info: FileInfo) => Promise<unknown>,
): Promise<FieldsOfRequest> {
  return new Promise((resolve, reject) => {
    const known = (body.fields as z.ZodObject).shape;
    const texts = new Map<string, string>();
    const unknown = new Set<string>();
    let parser: ReturnType<typeof Busboy>;
    const filesMax = body.filesMax ?? 1;
    let files = 0;
    /** The last one: parts come one after the other. */
    let file: BusboyFileStream | undefined;
    let isSettled = false;
    let receivedBytes = 0;

    const settle = (fault: Error | undefined) => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      incoming.off('data', onData).off('close', onClose);
      incoming.unpipe(parser);
      if (!fault) return resolve({ values: Object.fromEntries(texts), unknown: [...unknown] });
      incoming.pause();
      // A destroyed parser may still complain about what it had buffered.
      file?.on('error', () => undefined).destroy(fault);
      reject(fault);
    };
    const timer = setTimeout(() => settle(fail('REQUEST_TIMEOUT', {})), limits.bodyTimeoutMs);
    const malformed = (reason: string | Words) => settle(fail('MULTIPART_MALFORMED', { reason }));
    const onClose = () => {
      if (!incoming.complete) malformed(said.cutShort);
    };
    const onData = (chunk: Buffer) => {
      receivedBytes += chunk.length;
      const limitBytes = limits.filesBytesMax + limits.fieldsBytesMax;
      if (receivedBytes > limitBytes) settle(fail('BODY_TOO_LARGE', { limit_bytes: limitBytes }));
    };

    const setText = (name: string, value: string) => {
      if (texts.has(name)) return settle(fieldFault(name, said.once));
      texts.set(name, value);
    };
    /** A known text field may come as a file: that is how curl and forms send a configuration. */
    const takeAsText = (name: string, stream: BusboyFileStream) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > limits.fieldBytesMax) settle(fieldFault(name, said.longerThan(limits.fieldBytesMax)));
        else chunks.push(chunk);
      });
      stream.on('end', () => setText(name, Buffer.concat(chunks).toString('utf8')));
    };

    try {
      parser = Busboy({
        headers: incoming.headers as BusboyHeaders,
        fileHwm: 256 * KiB,
        highWaterMark: 256 * KiB,
        isPartAFile: (name, type, filename) =>
          filename !== undefined || (name === body.file && type === 'application/octet-stream'),
        limits: {
          fileSize: limits.fileBytesMax,
          fieldSize: limits.fieldBytesMax,
          fields: limits.fieldsMax,
          parts: limits.fieldsMax + filesMax + 1,
          headerPairs: 32,
          headerSize: 16 * KiB,
        },
      });
    } catch (error) {
      clearTimeout(timer);
      return reject(fail('MULTIPART_MALFORMED', { reason: (error as Error).message }));
    }
    parser.on('file', (name: string | undefined, stream, filename, _encoding, mimetype) => {
      stream.on('error', () => undefined);
      if (isSettled) return void stream.resume();
      if (name === undefined) {
        stream.resume();
        return malformed(said.namelessPart);
      }
      if (name !== body.file && Object.hasOwn(known, name)) return takeAsText(name, stream);
      if (name !== body.file) {
        stream.resume();
        return settle(fieldFault(name, said.notAFile(body.file)));
      }
      try {
        limits.beforeFile?.({ ...body.inQuery.values, ...Object.fromEntries(texts) });
      } catch (error) {
        stream.resume();
        return settle(error as Error);
      }
      files += 1;
      if (files > filesMax) {
        stream.resume();
        return settle(fieldFault(body.file, filesMax === 1 ? said.once : said.moreThan.files(filesMax)));
      }
      file = stream;
      stream.on('limit', () => settle(fail('FILE_TOO_LARGE', { limit_bytes: limits.fileBytesMax })));
      stream.on('end', () => {
        // One of many is for the route to judge: the others are none the worse.
        if (stream.bytesRead === 0 && filesMax === 1)
          settle(missingFile(body.file, filename ? said.emptyFile : said.noFileChosen));
      });
      onFile(stream, { filename: cleanName(filename), mimetype }).catch((error: unknown) => settle(error as Error));
    });
    parser.on('field', (name: string | undefined, value, _isNameTruncated, isTruncated) => {
      if (isSettled || name === '__proto__') return;
      if (name === undefined) return malformed(said.namelessPart);
      if (name === body.file) return settle(missingFile(body.file, said.fileAsText));
      if (!Object.hasOwn(known, name)) return void unknown.add(name);
      if (isTruncated) return settle(fieldFault(name, said.longerThan(limits.fieldBytesMax)));
      setText(name, value);
    });
    parser.on('fieldsLimit', () => settle(fieldFault('(request)', said.moreThan.fields(limits.fieldsMax))));
    parser.on('partsLimit', () =>
      settle(fieldFault('(request)', said.moreThan.parts(limits.fieldsMax + filesMax + 1))),
    );
    parser.on('error', (error) => malformed(error instanceof Error ? error.message : 'unreadable'));
    parser.on('finish', () => settle(undefined));
    incoming.once('error', () => undefined);
    incoming.on('data', onData).on('close', onClose);
    incoming.pipe(parser);
  });
}
