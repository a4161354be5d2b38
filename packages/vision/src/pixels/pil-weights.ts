/** Pillow's `Image.Resampling` that weigh source pixels, by name. */
export type WeighingFilter = 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos';

/** Pillow rounds weights to 32 - 8 - 2 bits: eight for the bytes, two for overshoot. */
const weightBits = 22;

interface Kernel {
  /** half the width, source px at scale 1 */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const kernels: Record<WeighingFilter, Kernel> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) },
  hamming: {
    support: 1,
    weight: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI))),
  },
  bicubic: { support: 2, weight: (x) => cubic(Math.abs(x), -0.5) },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function cubic(x: number, a: number): number {
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/** What target pixels of a line are made of. */
export interface Weights {
  /** taps an output pixel has room for */
  readonly stride: number;
  /** [target pixels] first source pixel */
  readonly first: Int32Array;
  /** [target pixels] source pixels used */
  readonly count: Int32Array;
  /** [target pixels, stride] in 1/2²² */
  readonly values: Int32Array;
}

/** Some neighbouring pixels of a line. */
export interface Span {
  readonly from: number;
  readonly length: number;
}

/** @returns the weights that make the pixels of `span`, in a line of `length` pixels that is made of one of `sourceLength` */
export function weightsOf(sourceLength: number, length: number, filter: WeighingFilter, span: Span): Weights {
  const { support, weight } = kernels[filter];
  const scale = sourceLength / length;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const stride = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(span.length);
  const count = new Int32Array(span.length);
  const values = new Int32Array(span.length * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < span.length; i++) {
    const centre = (span.from + i + 0.5) * scale;
    const from = Math.max(Math.trunc(centre - reach + 0.5), 0);
    const taps = Math.min(Math.trunc(centre + reach + 0.5), sourceLength) - from;
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      exact[k] = weight((k + from - centre + 0.5) * (1 / stretch));
      sum += exact[k]!;
    }
    for (let k = 0; k < taps; k++) {
      const scaled = (sum === 0 ? exact[k]! : exact[k]! / sum) * 2 ** weightBits;
      values[i * stride + k] = Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
    first[i] = from;
    count[i] = taps;
  }
  return { stride, first, count, values };
}
