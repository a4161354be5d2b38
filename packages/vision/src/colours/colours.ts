/** Red, green, blue; 0…255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Okabe & Ito's palette for colour-blind readers, without its black, which vanishes in translucent masks, plus a grey. */
const OKABE_ITO: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
  [187, 187, 187],
];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** Beyond this many classes no set of colours stays distinct to the eye, and searching for one is wasted. */
const DISTINCT_CLASSES_MAX = 64;
/** OKLab distance under which two colours are easily confused in thin lines. */
const DISTANCE_MIN = 0.12;
const ATTEMPTS_MAX = 24;
const GOLDEN_ANGLE_DEGREES = 137.507764;

/**
 * One colour a class. It follows from the class's name, so that `person` keeps its colour from checkpoint to
 * checkpoint whatever its index is; only where two names of one checkpoint fall on like colours does one give way.
 * Up to eight classes take the Okabe–Ito colours, the rest hues in OKLCH.
 */
export function classColours(classNames: readonly string[]): Rgb[] {
  const chosen = new Map<string, Rgb>();
  const labs: Lab[] = [];
  // In an order of their own, so that the order of classes in the checkpoint does not matter.
  for (const name of [...new Set(classNames)].sort()) {
    const colour = pickColour(hash(name), labs, chosen.size);
    chosen.set(name, colour);
    labs.push(rgbToOklab(colour));
  }
  return classNames.map((name) => chosen.get(name)!);
}

/** Colours of numbered instances: entry 0 is the background (black), 1…count go round the hues by the golden angle. */
export function instancePalette(count: number): Rgb[] {
  const palette: Rgb[] = [BLACK];
  for (let instance = 1; instance <= count; instance++) {
    const lightness = [0.72, 0.6, 0.82][instance % 3]!;
    palette.push(oklchToRgb(lightness, 0.16, (25 + instance * GOLDEN_ANGLE_DEGREES) % 360));
  }
  return palette;
}

/** White or black, whichever reads better: of the two, one has a WCAG contrast of at least 4.5 on every background. */
export function textColourOn(background: Rgb): Rgb {
  return contrastRatio(WHITE, background) >= contrastRatio(BLACK, background) ? WHITE : BLACK;
}

/** WCAG 2.2 contrast ratio, 1…21. */
export function contrastRatio(one: Rgb, other: Rgb): number {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

function pickColour(seed: number, taken: readonly Lab[], takenCount: number): Rgb {
  if (takenCount < OKABE_ITO.length) {
    for (let step = 0; step < OKABE_ITO.length; step++) {
      const colour = OKABE_ITO[(seed + step) % OKABE_ITO.length]!;
      if (distanceToNearest(rgbToOklab(colour), taken) > 0.01) return colour;
    }
  }
  let best: Rgb = hashedColour(seed, 0);
  if (takenCount >= DISTINCT_CLASSES_MAX) return best;
  let bestDistance = -1;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const colour = hashedColour(seed, attempt);
    const distance = distanceToNearest(rgbToOklab(colour), taken);
    if (distance > bestDistance) [best, bestDistance] = [colour, distance];
    if (distance >= DISTANCE_MIN) break;
  }
  return best;
}

function hashedColour(seed: number, attempt: number): Rgb {
  const hue = ((seed % 3600) / 10 + attempt * GOLDEN_ANGLE_DEGREES) % 360;
  const lightness = [0.72, 0.6, 0.82][((seed >>> 16) + attempt) % 3]!;
  return oklchToRgb(lightness, 0.16, hue);
}

/** FNV-1a over UTF-16 units, then a finaliser, since names that differ in one letter should not be neighbours. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  return (state ^ (state >>> 13)) >>> 0;
}

type Lab = readonly [lightness: number, a: number, b: number];

function distanceToNearest(lab: Lab, others: readonly Lab[]): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const other of others) {
    nearest = Math.min(nearest, Math.hypot(lab[0] - other[0], lab[1] - other[1], lab[2] - other[2]));
  }
  return nearest;
}

/** OKLCH → sRGB (Ottosson, "A perceptual color space for image processing", 2020); chroma shrinks until it fits. */
function oklchToRgb(lightness: number, chroma: number, hueDegrees: number): Rgb {
  const hue = (hueDegrees * Math.PI) / 180;
  for (let share = 1; ; share -= 0.05) {
    const linear = oklabToLinear([lightness, share * chroma * Math.cos(hue), share * chroma * Math.sin(hue)]);
    if (share <= 0.05 || linear.every((value) => value >= 0 && value <= 1)) {
      return linear.map((value) => Math.round(255 * encodeGamma(Math.min(1, Math.max(0, value))))) as unknown as Rgb;
    }
  }
}

function oklabToLinear([lightness, a, b]: Lab): number[] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function rgbToOklab(colour: Rgb): Lab {
  const [red, green, blue] = colour.map(decodeGamma) as [number, number, number];
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map(decodeGamma) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function decodeGamma(value: number): number {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function encodeGamma(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}
