import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { zipOf } from '@lensgate/testing';
import { expect, onTestFinished, test } from 'vitest';
import { unpackZip } from './unpack-zip.js';

async function fileOf(zip: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lensgate-zip-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'some.zip'), zip);
  return join(folder, 'some.zip');
}

const bytes = Buffer.alloc(1 << 20);

function withBrokenData(zip: Buffer): Buffer {
  // Behind the local header of 30 bytes and the name: a deflate block of a type that there is not.
  zip.fill(0xff, 30 + 'model.onnx'.length, 30 + 'model.onnx'.length + 8);
  return zip;
}

test.each([
  {
    fault: 'is larger than it says',
    zip: zipOf([{ name: 'model.onnx', bytes, isDeflated: true, declaredBytes: 1_000 }]),
  },
  { fault: 'is damaged', zip: withBrokenData(zipOf([{ name: 'model.onnx', bytes, isDeflated: true }])) },
])('who reads a model late is told that it $fault', async ({ zip }) => {
  const unpacked = unpackZip(await fileOf(zip), {
    modelBytesMax: bytes.length,
    onModel: async (stream) => {
      while (!stream.destroyed) await nextTurn();
      return buffer(stream);
    },
  });
  await expect(unpacked).rejects.toThrow();
});
