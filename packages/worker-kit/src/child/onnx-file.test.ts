import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PbfWriter } from 'pbf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../test/pictures.js';
import { OnnxFileError, readOnnxFacts, refuseExternalData } from './onnx-file.js';
import { parsePythonLiteral } from './python-literal.js';

const root = new URL('../../../../', import.meta.url);
const modelPath = (name: string) => fileURLToPath(new URL(name, root));
const POSE = modelPath('test/reference/synthetic/models/syn-pose.onnx');
const DYNAMIC = modelPath('test/reference/synthetic/models/syn-det-dynamic.onnx');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onnx-file-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(bytes: Uint8Array): string {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, bytes);
  return path;
}

function refusal(bytes: Uint8Array): OnnxFileError {
  try {
    readOnnxFacts(fileOf(bytes));
  } catch (error) {
    if (error instanceof OnnxFileError) return error;
    throw error;
  }
  throw new Error('the file was accepted');
}

type Write = (pbf: PbfWriter) => void;

const message = (pbf: PbfWriter, tag: number, write: Write) => pbf.writeMessage(tag, (_, inner) => write(inner), null);

/** A model in the encoding of onnx.proto. */
function aModel({ graph = () => {}, model = () => {} }: { graph?: Write; model?: Write } = {}): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, 8);
  message(pbf, 7, (inner) => {
    aNode(inner, 'Relu');
    aValue(inner, 11, 'images');
    aValue(inner, 12, 'output0');
    graph(inner);
  });
  model(pbf);
  return pbf.finish();
}

function aNode(pbf: PbfWriter, opType: string, more: Write = () => {}): void {
  message(pbf, 1, (node) => {
    node.writeStringField(4, opType);
    more(node);
  });
}

function aValue(pbf: PbfWriter, tag: number, name: string, shape: (number | string | null)[] = [1, 3]): void {
  message(pbf, tag, (value) => {
    value.writeStringField(1, name);
    message(value, 2, (type) =>
      message(type, 1, (tensor) => {
        tensor.writeVarintField(1, 10);
        message(tensor, 2, (dimensions) => {
          for (const size of shape) {
            message(dimensions, 1, (dimension) => {
              if (typeof size === 'number') dimension.writeVarintField(1, size);
              else if (size !== null) dimension.writeStringField(2, size);
            });
          }
        });
      }),
    );
  });
}

describe('what a real export says of itself', () => {
  test('an Ultralytics pose model', () => {
    const facts = readOnnxFacts(POSE);
    expect(facts).toMatchObject({
      irVersion: 7,
      opsets: { '': 12 },
      producer: 'pytorch 1.13.0',
      inputs: [{ name: 'images', elementType: 'float32', shape: [1, 3, 320, 320] }],
      outputs: [{ name: 'output0', elementType: 'float32', shape: [1, 56, 2100] }],
      nodeCount: 398,
      externalData: false,
      externalFiles: [],
      bytes: readFileSync(POSE).length,
    });
    expect(facts.opTypes).toContain('Conv');
    expect(facts.opTypes).toEqual([...facts.opTypes].sort());
    expect(parsePythonLiteral(facts.metadata.names!)).toEqual(new Map([[0, 'person']]));
    expect(parsePythonLiteral(facts.metadata.kpt_shape!)).toEqual([17, 3]);
    expect(() => refuseExternalData(facts)).not.toThrow();
  });

  test('symbolic sizes keep their names', () => {
    expect(readOnnxFacts(DYNAMIC).inputs[0]!.shape).toEqual(['batch', 3, 'height', 'width']);
  });
});

describe('what the format allows', () => {
  test('initializers that are listed as inputs are not inputs', () => {
    const graph: Write = (pbf) => {
      aValue(pbf, 11, 'weight');
      message(pbf, 5, (tensor) => tensor.writeStringField(8, 'weight'));
    };
    expect(readOnnxFacts(fileOf(aModel({ graph }))).inputs.map(({ name }) => name)).toEqual(['images']);
  });

  test('open, symbolic and negative sizes, and 16-bit floats', () => {
    const graph: Write = (pbf) => aValue(pbf, 12, 'odd', [null, 'n', -1, 0]);
    expect(readOnnxFacts(fileOf(aModel({ graph }))).outputs[1]).toEqual({
      name: 'odd',
      elementType: 'float16',
      shape: [null, 'n', null, 0],
    });
  });

  test('nodes of subgraphs are counted, foreign operators carry their domain', () => {
    const graph: Write = (pbf) =>
      aNode(pbf, 'If', (node) =>
        message(node, 5, (attribute) =>
          message(attribute, 6, (inner) => aNode(inner, 'Fused', (fused) => fused.writeStringField(7, 'com.example'))),
        ),
      );
    expect(readOnnxFacts(fileOf(aModel({ graph })))).toMatchObject({
      nodeCount: 3,
      opTypes: ['If', 'Relu', 'com.example:Fused'],
    });
  });

  test('a metadata key named __proto__ is only a key', () => {
    const model: Write = (pbf) =>
      message(pbf, 14, (entry) => {
        entry.writeStringField(1, '__proto__');
        entry.writeStringField(2, 'x');
      });
    const { metadata } = readOnnxFacts(fileOf(aModel({ model })));
    expect(Object.keys(metadata)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
  });

  test('weights are skipped, not read: a sparse file of 3 GiB is read at once', () => {
    const rawBytes = 3 * 1024 ** 3;
    // TensorProto { name: "w", raw_data: … } inside GraphProto, written by hand: lengths first, then a hole.
    const varint = (value: number): number[] =>
      value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
    const tensorHead = [0x42, 1, 0x77, 0x4a, ...varint(rawBytes)];
    const tensorBytes = tensorHead.length + rawBytes;
    const outer = new PbfWriter();
    aNode(outer, 'Conv');
    aValue(outer, 11, 'images');
    aValue(outer, 12, 'output0');
    const rest = [...outer.finish()];
    const initializerHead = [0x2a, ...varint(tensorBytes), ...tensorHead];
    const graphBytes = rest.length + initializerHead.length + rawBytes;
    const head = Uint8Array.from([0x08, 8, 0x3a, ...varint(graphBytes), ...rest, ...initializerHead]);
    const path = fileOf(head);
    truncateSync(path, head.length + rawBytes);
    expect(readOnnxFacts(path)).toMatchObject({ nodeCount: 1, bytes: head.length + rawBytes });
  });
});

describe('external data', () => {
  const external =
    (location: string): Write =>
    (tensor) => {
      message(tensor, 13, (entry) => {
        entry.writeStringField(1, 'location');
        entry.writeStringField(2, location);
      });
      tensor.writeVarintField(14, 1);
    };

  test('is seen in initializers and in constants, and refused with the file name but not its folder', () => {
    const initializer: Write = (pbf) => message(pbf, 5, external('/elsewhere/run 7/weights.bin'));
    const constant: Write = (pbf) =>
      aNode(pbf, 'Constant', (node) => message(node, 5, (attribute) => message(attribute, 5, external('weights.bin'))));
    for (const graph of [initializer, constant]) {
      const facts = readOnnxFacts(fileOf(aModel({ graph })));
      expect(facts).toMatchObject({ externalData: true, externalFiles: ['weights.bin'] });
      expect(() => refuseExternalData(facts)).toThrow(/external data \("weights\.bin"\).*not part of the upload/);
    }
  });
});

describe('what is not a model is refused in words', () => {
  test.each([
    ['nothing', Buffer.alloc(0), /empty/],
    ['text', Buffer.from('not a model at all, 안녕하세요'), /not an ONNX model/],
    ['zeros', Buffer.alloc(1000), /not an ONNX model/],
    ['a PyTorch checkpoint', Buffer.from('PK\x03\x04rest'), /ZIP archive.*export it to ONNX/],
    ['a pickle', Buffer.from('\x80\x02}q\x00', 'latin1'), /pickle/],
    ['an LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'), /Git LFS pointer/],
    ['a TFLite model', Buffer.from('\x1c\0\0\0TFL3rest', 'latin1'), /TFLite/],
    ['some other protobuf', Uint8Array.from([0x0a, 3, 1, 2, 3]), /not an ONNX model/],
  ])('%s', (_name, bytes, words) => {
    const error = refusal(bytes);
    expect(error.code).toBe('NOT_ONNX');
    expect(error.words).toEqual({ en: expect.stringMatching(words), ko: expect.stringMatching(/[가-힣]/) });
  });
});

describe('damage', () => {
  test('a file that is cut anywhere is refused, never read as a smaller model', () => {
    const whole = readFileSync(POSE);
    for (let share = 0.02; share < 1; share += 0.02) {
      const length = Math.floor(whole.length * share);
      const error = refusal(whole.subarray(0, length));
      expect(error.code, `${length} bytes`).toBe('TRUNCATED');
      expect(error.message).toContain(`${length} bytes`);
    }
  });

  test('nesting beyond the bound is refused', () => {
    const nest = (pbf: PbfWriter, depth: number): void =>
      aNode(pbf, 'If', (node) => {
        if (depth > 0) message(node, 5, (attribute) => message(attribute, 6, (inner) => nest(inner, depth - 1)));
      });
    expect(readOnnxFacts(fileOf(aModel({ graph: (pbf) => nest(pbf, 20) }))).nodeCount).toBe(22);
    expect(refusal(aModel({ graph: (pbf) => nest(pbf, 60) })).message).toMatch(/nested too deeply/);
  });

  test('names and metadata beyond their bounds are refused', () => {
    const longName: Write = (pbf) => aNode(pbf, 'x'.repeat(70_000));
    expect(refusal(aModel({ graph: longName })).code).toBe('DAMAGED');
    const metadata: Write = (pbf) => message(pbf, 14, (entry) => entry.writeStringField(2, 'x'.repeat(9_000_000)));
    expect(refusal(aModel({ model: metadata })).message).toMatch(/larger than 8 MiB/);
  });

  test('mutated bytes end in facts or in one of our errors', () => {
    const random = seededRandom(5);
    const whole = readFileSync(POSE);
    const outcomes = new Set<string>();
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(whole);
      for (let flip = 0; flip < 12; flip++) bytes[Math.floor(random() * bytes.length)] = random() * 256;
      try {
        outcomes.add(typeof readOnnxFacts(fileOf(bytes)).nodeCount);
      } catch (error) {
        expect(error).toBeInstanceOf(OnnxFileError);
        outcomes.add((error as OnnxFileError).code);
      }
    }
    expect(outcomes).toContain('DAMAGED');
  });
});
