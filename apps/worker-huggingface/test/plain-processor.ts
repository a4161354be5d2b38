import type { RgbImage } from '@lensgate/vision';

/** What a processor does, step by step; a test writes it down by hand. */
export interface PlainSteps {
  /** Size after resizing, px; null for none. */
  readonly resize: ((width: number, height: number) => readonly [width: number, height: number]) | null;
  readonly filter: 'nearest' | 'bilinear' | 'bicubic';
  readonly crop: number | null;
  /** Of a value 0…255 of a channel, 0 red … 2 blue. */
  readonly value: (value: number, channel: number) => number;
  readonly order: readonly [number, number, number];
}

/** Image space with values 0…255 that need not be whole. */
interface Plain {
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number, channel: number) => number;
}

/**
 * Image processors of transformers on Pillow's filters, written as slowly and plainly as they are described.
 * @returns [3, height, width]
 */
export function plainProcess(image: RgbImage, steps: PlainSteps): Float32Array {
  const source: Plain = {
    width: image.width,
    height: image.height,
    at: (x, y, channel) => image.data[(y * image.width + x) * 3 + channel]!,
  };
  const size = steps.resize?.(image.width, image.height);
  const resized = size ? resize(source, size, steps.filter) : source;
  const cropped = steps.crop === null ? resized : cropMiddle(resized, steps.crop);
  const tensor = new Float32Array(3 * cropped.width * cropped.height);
  let to = 0;
  for (const channel of steps.order) {
    for (let y = 0; y < cropped.height; y++) {
      for (let x = 0; x < cropped.width; x++) tensor[to++] = steps.value(cropped.at(x, y, channel), channel);
    }
  }
  return tensor;
}

const kernels = {
  bilinear: { support: 1, weight: (t: number) => Math.max(0, 1 - Math.abs(t)) },
  bicubic: {
    support: 2,
    weight: (t: number) => {
      const d = Math.abs(t);
      if (d >= 2) return 0;
      const a = -0.5;
      return d < 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : (((d - 5) * d + 8) * d - 4) * a;
    },
  },
};

/** Rows first, then columns, rounded to whole values in between, as Pillow keeps pictures. */
function resize(source: Plain, [width, height]: readonly [number, number], filter: PlainSteps['filter']): Plain {
  if (filter === 'nearest') {
    const from = (to: number, sides: number, target: number) => Math.floor(((to + 0.5) * sides) / target);
    return keep(width, height, (x, y, channel) =>
      source.at(from(x, source.width, width), from(y, source.height, height), channel),
    );
  }
  const columns = weightsOf(source.width, width, filter);
  const rows = weightsOf(source.height, height, filter);
  const wide = keep(width, source.height, (x, y, channel) =>
    whole(columns[x]!.reduce((sum, { from, weight }) => sum + weight * source.at(from, y, channel), 0)),
  );
  return keep(width, height, (x, y, channel) =>
    whole(rows[y]!.reduce((sum, { from, weight }) => sum + weight * wide.at(x, from, channel), 0)),
  );
}

const whole = (value: number) => Math.min(255, Math.max(0, Math.floor(value + 0.5)));

function weightsOf(source: number, target: number, filter: 'bilinear' | 'bicubic') {
  const { support, weight } = kernels[filter];
  const scale = source / target;
  const stretch = Math.max(1, scale);
  return Array.from({ length: target }, (_, to) => {
    const centre = (to + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support * stretch + 0.5));
    const end = Math.min(source, Math.floor(centre + support * stretch + 0.5));
    const taps = Array.from({ length: end - first }, (_, at) => ({
      from: first + at,
      weight: weight((first + at - centre + 0.5) / stretch),
    }));
    const total = taps.reduce((sum, tap) => sum + tap.weight, 0);
    return taps.map((tap) => ({ ...tap, weight: tap.weight / total }));
  });
}

/** Where the picture is too small, black stands around it, the odd pixel right and below. */
function cropMiddle(source: Plain, side: number): Plain {
  const offset = (length: number) =>
    length < side ? -Math.floor((side - length) / 2) : Math.floor((length - side) / 2);
  const [left, top] = [offset(source.width), offset(source.height)];
  return keep(side, side, (x, y, channel) => {
    const isInside = x + left >= 0 && y + top >= 0 && x + left < source.width && y + top < source.height;
    return isInside ? source.at(x + left, y + top, channel) : 0;
  });
}

function keep(width: number, height: number, at: Plain['at']): Plain {
  const values = new Float64Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) values[(y * width + x) * 3 + channel] = at(x, y, channel);
    }
  }
  return { width, height, at: (x, y, channel) => values[(y * width + x) * 3 + channel]! };
}
