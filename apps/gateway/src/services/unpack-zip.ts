import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Failure, fail } from '@lensgate/contracts';
import yauzl, { type Entry, type ZipFile } from 'yauzl';

export interface UnpackedZip<T> {
  /** Name of the model's file, without folders. */
  readonly filename: string;
  readonly model: T;
  /** Text of the configuration files, by their names. */
  readonly files: ReadonlyMap<string, string>;
}

const configurationFiles = new Set(['config.json', 'preprocessor_config.json', 'processor_config.json']);
const configurationBytesMax = 1 << 20;
const entriesMax = 10_000;

const faulty = (message: string): Failure =>
  fail('FIELD_INVALID', { summary: `file: ${message}` }, { errors: [{ field: 'file', message }] });

/**
 * Takes the one model and its configuration out of a zip. Names in it are looked at, never used as paths.
 * @param onModel takes the model's bytes, which are as many as the zip says
 * @throws FIELD_INVALID in words for a zip that cannot be read or does not hold exactly one model, FILE_TOO_LARGE before
 *         anything of a model that is too large has been unpacked
 */
export async function unpackZip<T>(
  path: string,
  { modelBytesMax, onModel }: { readonly modelBytesMax: number; readonly onModel: (stream: Readable) => Promise<T> },
): Promise<UnpackedZip<T>> {
  const zip = await openZip(path);
  try {
    const entries = await listEntries(zip);
    const model = chooseModel(entries);
    if (model.uncompressedSize > modelBytesMax) throw fail('FILE_TOO_LARGE', { limit_bytes: modelBytesMax });
    const files = new Map<string, string>();
    for (const entry of entries) {
      const name = basename(entry.fileName);
      if (!configurationFiles.has(name)) continue;
      if (files.has(name)) throw faulty(`the zip holds more than one ${name}`);
      if (entry.uncompressedSize > configurationBytesMax) throw faulty(`${name} is larger than 1 MiB`);
      files.set(name, await text(await openEntry(zip, entry)));
    }
    return { filename: basename(model.fileName), model: await onModel(await openEntry(zip, model)), files };
  } finally {
    zip.close();
  }
}

function openZip(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error) reject(faulty('the zip cannot be read'));
      else resolve(zip);
    });
  });
}

function listEntries(zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    if (zip.entryCount > entriesMax) return reject(faulty(`the zip has more than ${entriesMax} entries`));
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      if (!entry.fileName.endsWith('/') && !entry.fileName.startsWith('__MACOSX/')) entries.push(entry);
      zip.readEntry();
    });
    zip.once('end', () => resolve(entries));
    zip.once('error', () => reject(faulty('the zip cannot be read')));
    zip.readEntry();
  });
}

/** The only model, or the one that is called model.onnx, as exporters name it beside its variants. */
function chooseModel(entries: readonly Entry[]): Entry {
  const models = entries.filter(({ fileName }) => fileName.endsWith('.onnx'));
  const [only] = models.length === 1 ? models : models.filter(({ fileName }) => basename(fileName) === 'model.onnx');
  if (models.length === 0) throw faulty('the zip holds no .onnx file');
  if (!only) throw faulty(`the zip holds ${models.length} .onnx files and none is called model.onnx`);
  return only;
}

function openEntry(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) reject(faulty(`${basename(entry.fileName)} cannot be unpacked`));
      else resolve(stream);
    });
  });
}
