import {
  attribute,
  type Dim,
  type ElementType,
  elementTypes,
  externalInitializer,
  float32Tensor,
  graphInput,
  graphOutput,
  initializer,
  int64Tensor,
  node,
  onnxFile,
} from './onnx-graph.js';
import type { Field } from './protobuf-writer.js';

export { withMetadata } from './onnx-graph.js';

/** One anchor's row: centre x, centre y, width, height in input px, and the score of its class. */
export interface FixedBox {
  readonly cx: number;
  readonly cy: number;
  readonly w: number;
  readonly h: number;
  readonly classId: number;
  readonly score: number;
}

export interface DetectModelOptions {
  readonly classCount?: number;
  /** Side of the square input, px. */
  readonly sizePx?: number;
  /** Found in every picture, whatever it shows. */
  readonly boxes?: readonly FixedBox[];
  readonly names?: readonly string[];
  /** Replaces or adds entries of the file's metadata; undefined leaves one out. */
  readonly metadata?: Readonly<Record<string, string | undefined>>;
  /** Steps of work for every picture. */
  readonly steps?: number;
  /** A white picture's values are no numbers: the root of something negative is added to all of them. */
  readonly brightNan?: boolean;
  /** Memory that a white picture takes, and holds while it works. */
  readonly brightMiB?: number;
  /** Further steps for a white picture; none for one that is no brighter than `brightFrom`. */
  readonly brightSteps?: number;
  readonly inputType?: ElementType;
  readonly batch?: Dim;
  /** A node of this type, which no runtime has, stands before the output. */
  readonly unknownOp?: string;
  /** A weight lies in this other file. */
  readonly externalFile?: string;
  /** Size of a weight that nothing uses: it makes the file large. */
  readonly unusedMiB?: number;
  /** Size of a weight that is read for every picture. */
  readonly weightMiB?: number;
}

/** More steps than any test waits for: a white picture runs until its child is ended. */
export const endlessSteps = 1_000_000_000;

/** Mean of a letterboxed input, 0…1, from which work grows: brighter than padding and test pictures of workers. */
const brightFrom = 0.6;
const sideOfWork = 64;
const oneBox: FixedBox = { cx: 32, cy: 24, w: 20, h: 10, classId: 0, score: 0.9 };

/**
 * A detector in YOLOv8's layout, [1, 4 + classes, anchors], of a few kilobytes. It finds fixed boxes, and its work grows
 * with the picture's brightness, so that one warm checkpoint has quick and slow pictures. A step is a product of two
 * matrices of 64 × 64 on one thread, some tens of microseconds.
 */
export function detectModel(options: DetectModelOptions = {}): Buffer {
  const { classCount = 3, sizePx = 64, boxes = [oneBox], inputType = 'float32', batch = 1 } = options;
  const rows = 4 + classCount;
  const anchors = Math.max(rows, boxes.length) + 1;
  const graph = [
    graphInput('images', inputType, [batch, 3, sizePx, sizePx]),
    graphOutput('output0', 'float32', [batch, rows, anchors]),
    initializer('boxes', float32Tensor([1, rows, anchors], rowsOf(boxes, { rows, anchors }))),
    node('Cast', ['images'], ['images32'], [attribute.int('to', elementTypes.float32)]),
    ...workNodes({ input: 'images32', output: options.weightMiB ? 'light' : 'work', ...options }),
    ...(options.weightMiB ? heavyNodes({ input: 'light', output: 'work', weightMiB: options.weightMiB }) : []),
    node('Add', ['boxes', 'work'], [options.unknownOp ? 'found' : 'output0']),
    ...(options.unknownOp ? [node(options.unknownOp, ['found'], ['output0'])] : []),
    ...(options.externalFile ? [externalInitializer('far', [4], options.externalFile)] : []),
    ...(options.unusedMiB ? [unusedWeight(options.unusedMiB)] : []),
  ];
  return onnxFile(graph, metadataOf({ task: 'detect', classCount, sizePx, ...options }));
}

const unusedWeight = (sizeMiB: number): Field => {
  const count = (sizeMiB * 2 ** 20) / Float32Array.BYTES_PER_ELEMENT;
  return initializer('unused', float32Tensor([count], new Float32Array(count)));
};

/**
 * A detector in YOLOv8's layout whose time goes into convolutions, as a real one's does: three that halve the picture, then
 * `layers` of 64 channels at an eighth of it. At 640 px and 17 layers these are the 4.3 billion multiply-adds of a YOLO-n.
 */
export function convolutionModel({ sizePx, layers }: { sizePx: number; layers: number }): Buffer {
  const rows = 7;
  const anchors = rows + 1;
  const nodes: Field[] = [];
  let from = 'images';
  const convolve = (index: number, [channelsIn, channelsOut]: readonly [number, number], stride: number) => {
    const dims = [channelsOut, channelsIn, 3, 3];
    const weight = float32Tensor([1], [1 / (9 * channelsIn)]);
    nodes.push(
      initializer(`dims${index}`, int64Tensor([4], dims)),
      node('ConstantOfShape', [`dims${index}`], [`weights${index}`], [attribute.tensor('value', weight)]),
      node(
        'Conv',
        [from, `weights${index}`],
        [`conv${index}`],
        [attribute.ints('pads', [1, 1, 1, 1]), attribute.ints('strides', [stride, stride])],
      ),
      node('Relu', [`conv${index}`], [`layer${index}`]),
    );
    from = `layer${index}`;
  };
  for (const [index, channels] of (
    [
      [3, 16],
      [16, 32],
      [32, 64],
    ] as const
  ).entries())
    convolve(index, channels, 2);
  for (let layer = 0; layer < layers; layer++) convolve(layer + 3, [64, 64], 1);
  const graph = [
    graphInput('images', 'float32', [1, 3, sizePx, sizePx]),
    graphOutput('output0', 'float32', [1, rows, anchors]),
    initializer('boxes', float32Tensor([1, rows, anchors], rowsOf([oneBox], { rows, anchors }))),
    initializer('zero', float32Tensor([], [0])),
    ...nodes,
    node('ReduceMean', [from], ['mean'], [attribute.int('keepdims', 0)]),
    node('Mul', ['mean', 'zero'], ['nothing']),
    node('Add', ['boxes', 'nothing'], ['output0']),
  ];
  return onnxFile(graph, metadataOf({ task: 'detect', classCount: 3, sizePx }));
}

/** A model with other outputs than a detector has: constants of the given shapes. */
export function modelOfShapes(options: {
  readonly task: string;
  readonly outputs: readonly (readonly number[])[];
  readonly classCount?: number;
  readonly sizePx?: number;
  readonly metadata?: Readonly<Record<string, string | undefined>>;
}): Buffer {
  const { outputs, classCount = 3, sizePx = 64 } = options;
  const graph = [
    graphInput('images', 'float32', [1, 3, sizePx, sizePx]),
    ...workNodes({ input: 'images', output: 'work' }),
    ...outputs.flatMap((dims, index) => [
      graphOutput(`output${index}`, 'float32', dims),
      initializer(`shape${index}`, int64Tensor([dims.length], dims)),
      node('ConstantOfShape', [`shape${index}`], [`zeros${index}`]),
      node('Add', [`zeros${index}`, 'work'], [`output${index}`]),
    ]),
  ];
  return onnxFile(graph, metadataOf({ classCount, sizePx, ...options }));
}

function metadataOf(options: {
  task: string;
  classCount: number;
  sizePx: number;
  names?: readonly string[];
  metadata?: Readonly<Record<string, string | undefined>>;
}): Record<string, string> {
  const { task, classCount, sizePx } = options;
  const names = options.names ?? Array.from({ length: classCount }, (_, id) => `class-${id}`);
  const entries = {
    task,
    stride: '32',
    imgsz: `[${sizePx}, ${sizePx}]`,
    names: `{${names.map((name, id) => `${id}: ${JSON.stringify(name)}`).join(', ')}}`,
    ...options.metadata,
  };
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** [rows, anchors] row by row; anchors without a box have score 0. */
function rowsOf(boxes: readonly FixedBox[], { rows, anchors }: { rows: number; anchors: number }): Float32Array {
  const values = new Float32Array(rows * anchors);
  for (const [anchor, { cx, cy, w, h, classId, score }] of boxes.entries()) {
    for (const [row, value] of [cx, cy, w, h].entries()) values[row * anchors + anchor] = value;
    values[(4 + classId) * anchors + anchor] = score;
  }
  return values;
}

/** Nodes that multiply a row, made of a zero, with a weight of this size, and give a zero. */
function heavyNodes({ input, output, weightMiB }: { input: string; output: string; weightMiB: number }): Field[] {
  const rows = 1_024;
  const columns = (weightMiB * 2 ** 18) / rows;
  return [
    initializer('heavy', float32Tensor([rows, columns], new Float32Array(rows * columns).fill(1))),
    initializer('row', float32Tensor([1, rows], new Float32Array(rows))),
    node('Add', ['row', input], ['heavy_row']),
    node('MatMul', ['heavy_row', 'heavy'], ['product']),
    node('ReduceMean', ['product'], [output], [attribute.int('keepdims', 0)]),
  ];
}

/** Nodes that give a zero after work of `steps + brightSteps · brightness`. They read the input, so nothing is folded away. */
function workNodes({
  input,
  output,
  steps = 0,
  brightSteps = 0,
  brightMiB = 0,
  brightNan = false,
}: {
  input: string;
  output: string;
  steps?: number;
  brightSteps?: number;
  brightMiB?: number;
  brightNan?: boolean;
}): Field[] {
  const hold = brightMiB > 0;
  const worked = brightNan ? 'numbers' : output;
  const scalar = (name: string, value: number) => initializer(name, float32Tensor([], [value]));
  const overAll = [attribute.int('keepdims', 0)];
  const body = [
    graphInput('iteration', 'int64', []),
    graphInput('condition', 'bool', []),
    graphInput('before', 'float32', [sideOfWork, sideOfWork]),
    node('Identity', ['condition'], ['goes_on']),
    node('MatMul', ['before', 'weights'], ['after']),
    graphOutput('goes_on', 'bool', []),
    graphOutput('after', 'float32', [sideOfWork, sideOfWork]),
  ];
  return [
    scalar('bright_from', brightFrom),
    scalar('bright_scale', brightSteps / (1 - brightFrom)),
    scalar('steps', steps),
    scalar('zero', 0),
    initializer('side', int64Tensor([2], [sideOfWork, sideOfWork])),
    node('ReduceMean', [input], ['mean'], overAll),
    node('Sub', ['mean', 'bright_from'], ['excess']),
    node('Relu', ['excess'], ['brightness']),
    node('Mul', ['brightness', 'bright_scale'], ['bright_steps']),
    node('Add', ['bright_steps', 'steps'], ['all_steps']),
    node('Cast', ['all_steps'], ['trips'], [attribute.int('to', elementTypes.int64)]),
    // The mean of a row of weights is kept, so the values neither vanish nor grow.
    node('ConstantOfShape', ['side'], ['weights'], [attribute.tensor('value', float32Tensor([1], [1 / sideOfWork]))]),
    node('Add', ['weights', 'mean'], ['start']),
    ...(hold
      ? [
          scalar('bright_floats', (brightMiB * 2 ** 18) / (1 - brightFrom)),
          node('Mul', ['brightness', 'bright_floats'], ['floats']),
          // Never none: the mean of nothing is no number.
          scalar('one', 1),
          node('Add', ['floats', 'one'], ['some_floats']),
          node('Cast', ['some_floats'], ['floats_count'], [attribute.int('to', elementTypes.int64)]),
          initializer('one_axis', int64Tensor([1], [1])),
          node('Reshape', ['floats_count', 'one_axis'], ['floats_shape']),
          node('Expand', ['mean', 'floats_shape'], ['held']),
        ]
      : []),
    node('Loop', ['trips', '', 'start'], ['end'], [attribute.graph('body', body)]),
    node('ReduceMean', ['end'], ['end_mean'], overAll),
    node('Mul', ['end_mean', 'zero'], [hold ? 'worked' : worked]),
    ...(hold
      ? [node('ReduceMean', ['held'], ['held_mean'], overAll), node('Mul', ['held_mean', 'worked'], [worked])]
      : []),
    ...(brightNan
      ? [
          scalar('root_until', (1 - brightFrom) / 2),
          node('Sub', ['root_until', 'brightness'], ['under_root']),
          node('Sqrt', ['under_root'], ['root']),
          node('Mul', ['root', 'zero'], ['nan_or_zero']),
          node('Add', ['numbers', 'nan_or_zero'], [output]),
        ]
      : []),
  ];
}
