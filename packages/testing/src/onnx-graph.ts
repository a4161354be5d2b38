import { bytesField, type Field, floatField, messageOf, varintField } from './protobuf-writer.js';

/** onnx.proto, TensorProto.DataType */
export const elementTypes = { float32: 1, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;

/** A size, or the name of an open one. */
export type Dim = number | string;

const tensorFields = (dims: readonly number[], type: ElementType, data: Uint8Array): Field[] => [
  ...dims.map((dim) => varintField(1, dim)),
  varintField(2, elementTypes[type]),
  bytesField(9, data),
];

const bytesOf = (values: Float32Array | BigInt64Array) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** TensorProto without a name, for attributes. */
export const float32Tensor = (dims: readonly number[], values: readonly number[] | Float32Array): Field[] =>
  tensorFields(dims, 'float32', bytesOf(Float32Array.from(values)));

export const int64Tensor = (dims: readonly number[], values: readonly number[]): Field[] =>
  tensorFields(dims, 'int64', bytesOf(BigInt64Array.from(values, BigInt)));

/** A weight of the graph. */
export const initializer = (name: string, tensor: readonly Field[]): Field =>
  bytesField(5, [...tensor, bytesField(8, name)]);

/** A weight whose values lie in another file, as `save_as_external_data` writes it. */
export const externalInitializer = (name: string, dims: readonly number[], location: string): Field =>
  bytesField(5, [
    ...dims.map((dim) => varintField(1, dim)),
    varintField(2, elementTypes.float32),
    bytesField(8, name),
    bytesField(13, [bytesField(1, 'location'), bytesField(2, location)]),
    varintField(14, 1),
  ]);

/** AttributeProto by the kind of its value. */
export const attribute = {
  int: (name: string, value: number) => [bytesField(1, name), varintField(3, value), varintField(20, 2)],
  ints: (name: string, values: readonly number[]) => [
    bytesField(1, name),
    ...values.map((value) => varintField(8, value)),
    varintField(20, 7),
  ],
  float: (name: string, value: number) => [bytesField(1, name), floatField(2, value), varintField(20, 1)],
  tensor: (name: string, value: readonly Field[]) => [bytesField(1, name), bytesField(5, value), varintField(20, 4)],
  graph: (name: string, value: readonly Field[]) => [
    bytesField(1, name),
    bytesField(6, [...value, bytesField(2, 'body')]),
    varintField(20, 5),
  ],
};

/** NodeProto. An empty name among the inputs leaves an optional one out. */
export const node = (
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly (readonly Field[])[] = [],
  domain = '',
): Field =>
  bytesField(1, [
    ...inputs.map((name) => bytesField(1, name)),
    ...outputs.map((name) => bytesField(2, name)),
    bytesField(4, opType),
    ...attributes.map((fields) => bytesField(5, fields)),
    ...(domain === '' ? [] : [bytesField(7, domain)]),
  ]);

const valueInfo = (name: string, type: ElementType, dims: readonly Dim[]): Field[] => [
  bytesField(1, name),
  bytesField(2, [
    bytesField(1, [
      varintField(1, elementTypes[type]),
      bytesField(
        2,
        dims.map((dim) => bytesField(1, [typeof dim === 'number' ? varintField(1, dim) : bytesField(2, dim)])),
      ),
    ]),
  ]),
];

export const graphInput = (name: string, type: ElementType, dims: readonly Dim[]): Field =>
  bytesField(11, valueInfo(name, type, dims));

export const graphOutput = (name: string, type: ElementType, dims: readonly Dim[]): Field =>
  bytesField(12, valueInfo(name, type, dims));

const metadataField = ([key, value]: readonly [string, string]): Field =>
  bytesField(14, [bytesField(1, key), bytesField(2, value)]);

const irVersion = 8;
const opset = 17;

/** A whole .onnx file. @param graph nodes, initializers, inputs and outputs in any order */
export function onnxFile(graph: readonly Field[], metadata: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(
    messageOf([
      varintField(1, irVersion),
      bytesField(2, 'lensgate-testing'),
      bytesField(7, [...graph, bytesField(2, 'graph')]),
      bytesField(8, [varintField(2, opset)]),
      ...Object.entries(metadata).map(metadataField),
    ]),
  );
}

/** The same model with further metadata, and so with another digest: repeated fields may be appended to a message. */
export function withMetadata(file: Uint8Array, metadata: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat([file, ...Object.entries(metadata).map(metadataField)]);
}
