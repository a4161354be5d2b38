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
