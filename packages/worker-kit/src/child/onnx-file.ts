import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Words } from '@lensgate/contracts';
import { type ByteSource, openByteSource, WireError, type WireField, wireFields } from './protobuf-wire.js';

export interface OnnxValue {
  name: string;
  /** `float32`, `int64`, …; `sequence`, `map`, … where it is no tensor. */
  elementType: string;
  /** A number where the size is fixed, the name of a symbolic one, null where it is open; null for an unknown rank. */
  shape: (number | string | null)[] | null;
}

export interface OnnxFacts {
  irVersion: number;
  /** Version by domain; the standard operators' domain is the empty string. */
  opsets: Record<string, number>;
  producer: string;
  metadata: Record<string, string>;
  /** Without initializers, which old exporters list as inputs too. */
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  /** Nodes, those of subgraphs included. */
  nodeCount: number;
  /** Operators used, sorted; `domain:Name` where the domain is not the standard one. */
  opTypes: string[];
  /** Whether weights lie in other files. */
  externalData: boolean;
  /** Names of these files, as far as the model tells; at most eight. */
  externalFiles: string[];
  bytes: number;
}

export type OnnxFileErrorCode = 'NOT_ONNX' | 'TRUNCATED' | 'DAMAGED' | 'EXTERNAL_DATA';

/** A file that cannot be served as a checkpoint; the words are for the person who uploaded it and hold no path. */
export class OnnxFileError extends Error {
  override readonly name = 'OnnxFileError';

  constructor(
    readonly code: OnnxFileErrorCode,
    readonly words: Words,
  ) {
    super(words.en);
  }
}

const NAME_BYTES_MAX = 64 * 1024;
const METADATA_BYTES_MAX = 8 * 1024 * 1024;
const INITIALIZER_NAMES_BYTES_MAX = 64 * 1024 * 1024;
const FIELDS_MAX = 20_000_000;
const DEPTH_MAX = 32;
const VALUES_MAX = 10_000;
const DIMENSIONS_MAX = 64;
const OP_TYPES_MAX = 1_000;
const EXTERNAL_FILES_MAX = 8;

/** onnx.proto, TensorProto.DataType. */
const ELEMENT_TYPES = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
];

/** What else is uploaded with a model's name. */
const FOREIGN: readonly (readonly [prefix: string, name: Words])[] = [
  [
    'PK\x03\x04',
    {
      en: 'a ZIP archive, such as a PyTorch checkpoint (.pt); export it to ONNX first',
      ko: 'PyTorch 체크포인트(.pt) 같은 ZIP 압축 파일입니다. 먼저 ONNX로 내보내세요',
    },
  ],
  [
    '\x80\x02',
    {
      en: 'a Python pickle, such as a PyTorch checkpoint (.pt, .pth); export it to ONNX first',
      ko: 'PyTorch 체크포인트(.pt, .pth) 같은 Python pickle 파일입니다. 먼저 ONNX로 내보내세요',
    },
  ],
  [
    'version https://git-lfs',
    {
      en: 'a Git LFS pointer, not the model itself; run `git lfs pull`',
      ko: '모델이 아니라 Git LFS 포인터입니다. `git lfs pull`을 실행하세요',
    },
  ],
  ['GGUF', { en: 'a GGUF file', ko: 'GGUF 파일입니다' }],
  [
    '\x89HDF',
    { en: 'an HDF5 (Keras) file; export it to ONNX first', ko: 'HDF5(Keras) 파일입니다. 먼저 ONNX로 내보내세요' },
  ],
  ['ORTM', { en: 'an ORT-format model; send the .onnx file', ko: 'ORT 형식의 모델입니다. .onnx 파일을 보내세요' }],
];

const tflite: Words = { en: 'a TFLite model; export it to ONNX', ko: 'TFLite 모델입니다. ONNX로 내보내세요' };

/**
 * Reads what a model says of itself, straight from its protobuf (onnx.proto in onnx/onnx), since ONNX Runtime's Node
 * binding shows no metadata. Only structure is read; weights are skipped, whatever their size.
 *
 * @throws OnnxFileError NOT_ONNX, TRUNCATED or DAMAGED; the system's own error where the file cannot be opened
 */
export function readOnnxFacts(path: string): OnnxFacts {
  const fd = openSync(path, 'r');
  try {
    const bytes = fstatSync(fd).size;
    const source = openByteSource(fd, bytes);
    refuseForeign(source);
    return readModel(source);
  } finally {
    closeSync(fd);
  }
}

/** @throws OnnxFileError EXTERNAL_DATA where weights lie in files beside the model, which an upload does not bring along. */
export function refuseExternalData({ externalData, externalFiles }: OnnxFacts): void {
  if (!externalData) return;
  const named = externalFiles.map((name) => `"${name}"`).join(', ');
  throw new OnnxFileError('EXTERNAL_DATA', {
    en: `The model uses external data (${named || 'another file'}), which is not part of the upload. Save it as one file: onnx.save(model, path, save_as_external_data=False).`,
    ko: `모델이 업로드에 포함되지 않은 외부 데이터(${named || '다른 파일'})를 사용합니다. 파일 하나로 저장하세요: onnx.save(model, path, save_as_external_data=False).`,
  });
}

/** One reading of a file: what is found, and what may still be read. */
interface Reading {
  source: ByteSource;
  budget: { fields: number };
  facts: OnnxFacts;
  inputs: OnnxValue[];
  initializers: Set<string>;
  initializerNameBytes: number;
  opTypes: Set<string>;
  externalFiles: Set<string>;
  metadataBytes: number;
  hasGraph: boolean;
}

type Span = Pick<WireField, 'start' | 'end'>;

function refuseForeign(source: ByteSource): void {
  if (source.bytes === 0)
    throw new OnnxFileError('NOT_ONNX', { en: 'The file is empty.', ko: '파일이 비어 있습니다.' });
  const head = source.slice(0, Math.min(64, source.bytes)).toString('latin1');
  const name =
    FOREIGN.find(([prefix]) => head.startsWith(prefix))?.[1] ?? (head.slice(4, 8) === 'TFL3' ? tflite : undefined);
  if (name === undefined) return;
  throw new OnnxFileError('NOT_ONNX', {
    en: `The file is not an ONNX model: it is ${name.en}.`,
    ko: `ONNX 모델이 아닙니다: ${name.ko}.`,
  });
}

function readModel(source: ByteSource): OnnxFacts {
  const reading = newReading(source);
  const { facts } = reading;
  try {
    readModelFields(reading);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    // A graph begun, or a version read, means that this was a model before it was damaged.
    if (facts.irVersion === 0 && !reading.hasGraph) throw notOnnx();
    if (error.kind === 'malformed')
      throw damaged({ en: 'its contents contradict each other', ko: '내용이 서로 맞지 않습니다' });
    const { needsBytes } = error;
    throw new OnnxFileError('TRUNCATED', {
      en: `The ONNX file is cut short: it has ${source.bytes} bytes, and its contents need at least ${needsBytes}. Upload it again.`,
      ko: `ONNX 파일이 잘렸습니다: 파일은 ${source.bytes}바이트인데 내용은 ${needsBytes}바이트 이상이어야 합니다. 다시 업로드하세요.`,
    });
  }
  if (!reading.hasGraph) {
    if (facts.irVersion === 0) throw notOnnx();
    throw new OnnxFileError('TRUNCATED', {
      en: 'The ONNX file is cut short: it holds no graph. Upload it again.',
      ko: 'ONNX 파일이 잘렸습니다: 그래프가 없습니다. 다시 업로드하세요.',
    });
  }
  if (facts.irVersion === 0 || facts.outputs.length === 0) throw notOnnx();
  facts.inputs = reading.inputs.filter(({ name }) => !reading.initializers.has(name));
  facts.opTypes = [...reading.opTypes].sort();
  facts.externalFiles = [...reading.externalFiles];
  return facts;
}

function newReading(source: ByteSource): Reading {
  return {
    source,
    budget: { fields: FIELDS_MAX },
    facts: {
      irVersion: 0,
      opsets: {},
      producer: '',
      metadata: {},
      inputs: [],
      outputs: [],
      nodeCount: 0,
      opTypes: [],
      externalData: false,
      externalFiles: [],
      bytes: source.bytes,
    },
    inputs: [],
    initializers: new Set(),
    initializerNameBytes: 0,
    opTypes: new Set(),
    externalFiles: new Set(),
    metadataBytes: 0,
    hasGraph: false,
  };
}

/** ModelProto */
function readModelFields(reading: Reading): void {
  const { facts, source } = reading;
  const producer = { name: '', version: '' };
  for (const field of fieldsOf(reading, { start: 0, end: source.bytes })) {
    if (field.number === 1 && field.type === 'varint') facts.irVersion = field.value;
    if (field.type !== 'bytes') continue;
    if (field.number === 2) producer.name = readText(reading, field);
    else if (field.number === 3) producer.version = readText(reading, field);
    else if (field.number === 7) {
      reading.hasGraph = true;
      readGraph(reading, field, 0);
    } else if (field.number === 8) readOpset(reading, field);
    else if (field.number === 14) readMetadata(reading, field);
  }
  facts.producer = `${producer.name} ${producer.version}`.trim();
}

/** GraphProto; a subgraph's inputs and outputs are not the model's. */
function readGraph(reading: Reading, span: Span, depth: number): void {
  if (depth > DEPTH_MAX)
    throw damaged({ en: 'its graphs are nested too deeply', ko: '그래프가 너무 깊게 중첩되어 있습니다' });
  const isTop = depth === 0;
  for (const field of fieldsOf(reading, span)) {
    if (field.type !== 'bytes') continue;
    if (field.number === 1) readNode(reading, field, depth);
    else if (field.number === 5) readInitializer(reading, field, isTop);
    else if (field.number === 11 && isTop) pushValue(reading, reading.inputs, field);
    else if (field.number === 12 && isTop) pushValue(reading, reading.facts.outputs, field);
  }
}

/** NodeProto */
function readNode(reading: Reading, span: Span, depth: number): void {
  reading.facts.nodeCount += 1;
  let opType = '';
  let domain = '';
  for (const field of fieldsOf(reading, span)) {
    if (field.type !== 'bytes') continue;
    if (field.number === 4) opType = readText(reading, field);
    else if (field.number === 7) domain = readText(reading, field);
    else if (field.number === 5) readAttribute(reading, field, depth);
  }
  if (reading.opTypes.size < OP_TYPES_MAX) {
    reading.opTypes.add(domain === '' || domain === 'ai.onnx' ? opType : `${domain}:${opType}`);
  }
}

/** AttributeProto: tensors may lie in other files, and graphs hold further nodes. */
function readAttribute(reading: Reading, span: Span, depth: number): void {
  for (const field of fieldsOf(reading, span)) {
    if (field.type !== 'bytes') continue;
    if (field.number === 5 || field.number === 10) readTensor(reading, field);
    else if (field.number === 6 || field.number === 11) readGraph(reading, field, depth + 1);
  }
}

function readInitializer(reading: Reading, span: Span, isTop: boolean): void {
  const name = readTensor(reading, span);
  if (!isTop) return;
  reading.initializerNameBytes += name.length;
  if (reading.initializerNameBytes > INITIALIZER_NAMES_BYTES_MAX)
    throw damaged({ en: 'its tensors have too many names', ko: '텐서 이름이 너무 많습니다' });
  reading.initializers.add(name);
}

/** TensorProto without its values; answers its name. */
function readTensor(reading: Reading, span: Span): string {
  let name = '';
  for (const field of fieldsOf(reading, span)) {
    if (field.number === 8 && field.type === 'bytes') name = readText(reading, field);
    else if (field.number === 13 && field.type === 'bytes') readExternalEntry(reading, field);
    else if (field.number === 14 && field.type === 'varint' && field.value === 1) reading.facts.externalData = true;
  }
  return name;
}

function readExternalEntry(reading: Reading, span: Span): void {
  reading.facts.externalData = true;
  const { key, value } = readEntry(reading, span, NAME_BYTES_MAX);
  if (key !== 'location' || reading.externalFiles.size >= EXTERNAL_FILES_MAX) return;
  // Only the file's own name: the rest is the exporter's folder.
  reading.externalFiles.add(value.split(/[/\\]/).at(-1)!.slice(0, 200));
}

/** OperatorSetIdProto */
function readOpset(reading: Reading, span: Span): void {
  let domain = '';
  let version = 0;
  for (const field of fieldsOf(reading, span)) {
    if (field.number === 1 && field.type === 'bytes') domain = readText(reading, field);
    else if (field.number === 2 && field.type === 'varint') version = field.value;
  }
  setOwn(reading.facts.opsets, domain === 'ai.onnx' ? '' : domain, version);
}

function readMetadata(reading: Reading, span: Span): void {
  reading.metadataBytes += span.end - span.start;
  if (reading.metadataBytes > METADATA_BYTES_MAX)
    throw damaged({ en: 'its metadata is larger than 8 MiB', ko: '메타데이터가 8MiB를 넘습니다' });
  const { key, value } = readEntry(reading, span, METADATA_BYTES_MAX);
  setOwn(reading.facts.metadata, key, value);
}

/** StringStringEntryProto */
function readEntry(reading: Reading, span: Span, bytesMax: number): { key: string; value: string } {
  const entry = { key: '', value: '' };
  for (const field of fieldsOf(reading, span)) {
    if (field.number === 1 && field.type === 'bytes') entry.key = readText(reading, field);
    else if (field.number === 2 && field.type === 'bytes') entry.value = readText(reading, field, bytesMax);
  }
  return entry;
}

function pushValue(reading: Reading, values: OnnxValue[], span: Span): void {
  if (values.length >= VALUES_MAX)
    throw damaged({ en: 'it has too many inputs or outputs', ko: '입력 또는 출력이 너무 많습니다' });
  const value: OnnxValue = { name: '', elementType: 'undefined', shape: null };
  for (const field of fieldsOf(reading, span)) {
    if (field.number === 1 && field.type === 'bytes') value.name = readText(reading, field);
    else if (field.number === 2 && field.type === 'bytes') Object.assign(value, readType(reading, field));
  }
  values.push(value);
}

const OTHER_TYPES: Record<number, string> = { 4: 'sequence', 5: 'map', 7: 'opaque', 8: 'sparse tensor', 9: 'optional' };

/** TypeProto and its Tensor */
function readType(reading: Reading, span: Span): Omit<OnnxValue, 'name'> {
  const type: Omit<OnnxValue, 'name'> = { elementType: 'undefined', shape: null };
  for (const field of fieldsOf(reading, span)) {
    if (field.type !== 'bytes') continue;
    if (field.number !== 1) {
      type.elementType = OTHER_TYPES[field.number] ?? type.elementType;
      continue;
    }
    for (const part of fieldsOf(reading, field)) {
      if (part.number === 1 && part.type === 'varint') {
        type.elementType = ELEMENT_TYPES[part.value] ?? `type ${part.value}`;
      } else if (part.number === 2 && part.type === 'bytes') type.shape = readShape(reading, part);
    }
  }
  return type;
}

/** TensorShapeProto */
function readShape(reading: Reading, span: Span): (number | string | null)[] {
  const shape: (number | string | null)[] = [];
  for (const field of fieldsOf(reading, span)) {
    if (field.number !== 1 || field.type !== 'bytes') continue;
    if (shape.length >= DIMENSIONS_MAX)
      throw damaged({ en: 'a tensor has too many dimensions', ko: '텐서의 차원이 너무 많습니다' });
    let size: number | string | null = null;
    for (const part of fieldsOf(reading, field)) {
      // A negative size, written by some exporters for "open", is a varint beyond 2^63.
      if (part.number === 1 && part.type === 'varint') size = part.value < 2 ** 53 ? part.value : null;
      else if (part.number === 2 && part.type === 'bytes') size = readText(reading, part) || null;
    }
    shape.push(size);
  }
  return shape;
}

function fieldsOf(reading: Reading, span: Span): Generator<WireField> {
  return wireFields(reading.source, span, reading.budget);
}

function readText(reading: Reading, span: Span, bytesMax = NAME_BYTES_MAX): string {
  if (span.end - span.start > bytesMax) throw damaged({ en: 'a name in it is too long', ko: '이름이 너무 깁니다' });
  return reading.source.slice(span.start, span.end).toString('utf8');
}

/** Keys come from the file: `__proto__` is a key like any other. */
function setOwn<Value>(record: Record<string, Value>, key: string, value: Value): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}

function notOnnx(): OnnxFileError {
  return new OnnxFileError('NOT_ONNX', { en: 'The file is not an ONNX model.', ko: 'ONNX 모델이 아닙니다.' });
}

function damaged(why: Words): OnnxFileError {
  return new OnnxFileError('DAMAGED', {
    en: `The ONNX file is damaged: ${why.en}.`,
    ko: `ONNX 파일이 손상되었습니다: ${why.ko}.`,
  });
}
