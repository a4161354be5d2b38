import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Failure, fail, fieldFault, withoutControls } from '@lensgate/contracts';
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

const unreadable = () => faulty('the zip cannot be read', 'zip 파일을 읽을 수 없습니다');

/** A zip that cannot be taken. */
export const faulty = (en: string, ko: string): Failure => fieldFault('file', { en, ko });

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
      if (files.has(name))
        throw faulty(`the zip holds more than one ${name}`, `zip 파일에 ${name} 파일이 두 개 이상 있습니다`);
      if (entry.uncompressedSize > configurationBytesMax)
        throw faulty(`${name} is larger than 1 MiB`, `${name} 파일이 1 MiB보다 큽니다`);
      files.set(name, await text(await openEntry(zip, entry)));
    }
    return {
      filename: withoutControls(basename(model.fileName)),
      model: await onModel(await openEntry(zip, model)),
      files,
    };
  } finally {
    zip.close();
  }
}

function openZip(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error) reject(unreadable());
      else resolve(zip);
    });
  });
}

function listEntries(zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    if (zip.entryCount > entriesMax)
      return reject(
        faulty(`the zip has more than ${entriesMax} entries`, `zip 파일의 항목이 ${entriesMax}개보다 많습니다`),
      );
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      if (!entry.fileName.endsWith('/') && !entry.fileName.startsWith('__MACOSX/')) entries.push(entry);
      zip.readEntry();
    });
    zip.once('end', () => resolve(entries));
    zip.once('error', () => reject(unreadable()));
    zip.readEntry();
  });
}

/** The only model, or the one that is called model.onnx, as exporters name it beside its variants. */
function chooseModel(entries: readonly Entry[]): Entry {
  const models = entries.filter(({ fileName }) => fileName.toLowerCase().endsWith('.onnx'));
  const [only] =
    models.length === 1 ? models : models.filter(({ fileName }) => basename(fileName).toLowerCase() === 'model.onnx');
  if (models.length === 0) throw faulty('the zip holds no .onnx file', 'zip 파일에 .onnx 파일이 없습니다');
  if (!only)
    throw faulty(
      `the zip holds ${models.length} .onnx files and none is called model.onnx`,
      `zip 파일에 .onnx 파일이 ${models.length}개 있는데 이름이 model.onnx인 파일이 없습니다`,
    );
  return only;
}

/** Whoever reads the stream is told of a fault in it, also when it shows before he begins: unheard it would end the process. */
function openEntry(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error)
        reject(
          faulty(
            `${basename(entry.fileName)} cannot be unpacked`,
            `${basename(entry.fileName)} 파일의 압축을 풀 수 없습니다`,
          ),
        );
      else {
        // Some faults yauzl only tells of, and leaves the stream open: that would never end.
        stream.on('error', (fault) => stream.destroy(fault));
        resolve(stream);
      }
    });
  });
}
