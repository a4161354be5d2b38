/** Drops the fourth channel: [n, 4] → [n, 3]. Colours under a transparent pixel stay as they are stored. */
export function rgbaToRgb(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from]!;
    rgb[to + 1] = rgba[from + 1]!;
    rgb[to + 2] = rgba[from + 2]!;
  }
  return rgb;
}

/** Repeats the first channel: [n, channels] → [n, 3]. */
export function greyToRgb(grey: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((grey.length / channels) * 3);
  for (let from = 0, to = 0; from < grey.length; from += channels, to += 3) {
    rgb.fill(grey[from]!, to, to + 3);
  }
  return rgb;
}

/** Adds an opaque fourth channel: [n, 3] → [n, 4]. */
export function rgbToRgba(rgb: Uint8Array): Uint8Array {
  const pixels = rgb.length / 3;
  const rgba = new Uint8Array(pixels * 4);
  // Words of 32 bits take half the time of bytes; the canvas and image modules ship for little-endian machines only.
  const words = new Int32Array(rgba.buffer);
  const opaque = 255 << 24;
  const fours = rgb.byteOffset % 4 === 0 ? pixels >> 2 : 0;
  const source = new Int32Array(rgb.buffer, fours > 0 ? rgb.byteOffset : 0, fours * 3);
  for (let four = 0, from = 0, to = 0; four < fours; four++, from += 3, to += 4) {
    const first = source[from]!;
    const second = source[from + 1]!;
    const third = source[from + 2]!;
    words[to] = opaque | (first & 0xffffff);
    words[to + 1] = opaque | (first >>> 24) | ((second & 0xffff) << 8);
    words[to + 2] = opaque | (second >>> 16) | ((third & 0xff) << 16);
    words[to + 3] = opaque | (third >>> 8);
  }
  for (let pixel = fours * 4, from = pixel * 3; pixel < pixels; pixel++, from += 3) {
    words[pixel] = opaque | (rgb[from + 2]! << 16) | (rgb[from + 1]! << 8) | rgb[from]!;
  }
  return rgba;
}

/**
 * [n, channels ≥ 4] CMYK (0 = no ink) → [n, 3] RGB: `(255 − ink)(255 − K) / 255`, with the rounding of OpenCV's
 * `icvCvt_CMYK2BGR_8u_C4C3R` (modules/imgcodecs/src/utils.cpp).
 */
export function cmykToRgb(cmyk: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / channels) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += channels, to += 3) {
    const light = 255 - cmyk[from + 3]!;
    rgb[to] = light - ((cmyk[from]! * light) >> 8);
    rgb[to + 1] = light - ((cmyk[from + 1]! * light) >> 8);
    rgb[to + 2] = light - ((cmyk[from + 2]! * light) >> 8);
  }
  return rgb;
}
