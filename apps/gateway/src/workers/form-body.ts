import { randomBytes } from 'node:crypto';

export interface FormFile {
  readonly name: string;
  readonly filename: string;
  readonly mimetype: string;
  /** The file's bytes, in pieces as they came. */
  readonly chunks: readonly Uint8Array[];
}

/** Quoted text of a Content-Disposition; names may hold any letters, but a quote would end them. */
const quoted = (text: string) => `"${text.replaceAll(/[\r\n]/g, ' ').replaceAll(/["\\]/g, '\\$&')}"`;

export interface FormBody {
  readonly contentType: string;
  /** One piece: it goes out in one system call, where pieces would each wait for the socket to drain. */
  readonly bytes: Buffer;
}

/**
 * A multipart form in memory, built once: of known length, and ready to be sent again to another replica. Fields that
 * are undefined are left out.
 */
export function formBody(fields: Readonly<Record<string, string | undefined>>, file: FormFile): FormBody {
  // 128 random bits: no picture contains them.
  const boundary = `lensgate-${randomBytes(16).toString('hex')}`;
  const texts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name=${quoted(name)}\r\n\r\n${value}\r\n`,
    );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name=${quoted(file.name)}; filename=${quoted(file.filename)}\r\nContent-Type: ${file.mimetype}\r\n\r\n`;
  const chunks = [Buffer.from(texts.join('') + head), ...file.chunks, Buffer.from(`\r\n--${boundary}--\r\n`)];
  return { contentType: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(chunks) };
}
