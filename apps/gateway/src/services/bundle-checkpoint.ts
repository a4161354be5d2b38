import { open } from 'node:fs/promises';
import { CheckpointUploadFields, Failure, type Words } from '@lensgate/contracts';
import type { CheckpointDraft, CheckpointStore } from '../store/checkpoint-store.js';
import { onnxMetadata } from './onnx-metadata.js';
import { faulty, unpackZip } from './unpack-zip.js';

interface Upload {
  readonly draft: CheckpointDraft;
  readonly filename: string;
}

export interface BundledCheckpoint extends Upload {
  /** What the uploader should know, such as why the digest is not the file's own. */
  readonly note?: Words;
}

const embeddedNote = {
  en: 'The configuration was put into the checkpoint’s metadata: sha256 and bytes are those of the file with it.',
  ko: '설정을 체크포인트의 메타데이터에 넣었습니다. sha256과 bytes는 설정이 들어간 파일의 값입니다.',
};

/**
 * Makes one file of what was uploaded: a model out of its zip, and configuration that came beside it as metadata inside
 * it. A checkpoint is one file known by one digest from here on, whatever it is fed and read by.
 * @throws FIELD_INVALID for a zip that holds no model; the draft is gone then
 */
export async function bundleCheckpoint(
  store: CheckpointStore,
  upload: Upload,
  fields: CheckpointUploadFields,
  { checkpointBytesMax }: { readonly checkpointBytesMax: number },
): Promise<BundledCheckpoint> {
  let { draft, filename } = upload;
  try {
    const entries = new Map<string, string>();
    if (await isZip(draft)) {
      const unpacked = await unpackZip(draft.path, {
        modelBytesMax: checkpointBytesMax,
        onModel: (stream) => store.receive(stream, { bytesMax: checkpointBytesMax }),
      });
      await draft.discard();
      draft = unpacked.model;
      filename = unpacked.filename;
      for (const [name, text] of unpacked.files) entries.set(name, compactJson(name, text));
    }
    for (const [key, value] of entriesOf(fields)) entries.set(key, value);
    if (entries.size === 0) return { draft, filename };
    draft = await draft.append(onnxMetadata(entries));
    return { draft, filename, note: embeddedNote };
  } catch (error) {
    await draft.discard();
    if (error instanceof Failure) throw error;
    throw faulty('the zip cannot be unpacked', 'zip 파일의 압축을 풀 수 없습니다');
  }
}

async function isZip({ path }: CheckpointDraft): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    // A file's header, or the end of a zip that holds none.
    return ['PK\x03\x04', 'PK\x05\x06'].includes(buffer.toString('latin1'));
  } finally {
    await file.close();
  }
}

function* entriesOf(fields: CheckpointUploadFields): Generator<[string, string]> {
  for (const name of ['config', 'preprocessor_config', 'processor_config'] as const) {
    if (fields[name] !== undefined) yield [`${name}.json`, JSON.stringify(fields[name])];
  }
  const cfg = fields.metadata?.pretrained_cfg;
  if (cfg !== undefined) yield ['pretrained_cfg', JSON.stringify(cfg)];
}

/** Checked as if it had come in a field of its own. */
function compactJson(name: string, text: string): string {
  const { data } = CheckpointUploadFields.shape.config.safeParse(text);
  if (data === undefined)
    throw faulty(`${name} in the zip is no JSON object`, `zip 파일의 ${name} 파일이 JSON 객체가 아닙니다`);
  return JSON.stringify(data);
}
