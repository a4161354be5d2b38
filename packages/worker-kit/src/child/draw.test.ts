import { classColours, type Rgb } from '@lensgate/vision';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../test/pictures.js';
import type { Canvas } from './canvas.js';
import {
  blendClassMap,
  blendMask,
  COCO_SKELETON,
  drawDetections,
  drawKeypoints,
  drawStyleFor,
  drawTopClasses,
  outlineMask,
} from './draw.js';
import type { DrawnDetection } from './draw-boxes.js';
import { placeLabels } from './draw-labels.js';
import { fillRoundRect, strokeLine } from './draw-shapes.js';
import { drawTexts, fitText, oneLine, textWidthPx } from './draw-text.js';

const RED: Rgb = [255, 0, 0];
const BLUE: Rgb = [0, 0, 255];

function aCanvas(width: number, height: number, grey = 128): Canvas {
  return { width, height, data: new Uint8Array(width * height * 3).fill(grey) };
}

function aDetection(changes: Partial<DrawnDetection> = {}): DrawnDetection {
  return { x1: 20, y1: 30, x2: 60, y2: 70, label: '사람', confidence: 0.93, colour: RED, ...changes };
}

const pixelAt = ({ data, width }: Canvas, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

/** Pixels that differ from the plain grey canvas. */
function changed(image: Canvas): { x: number; y: number }[] {
  const spots: { x: number; y: number }[] = [];
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) if (pixelAt(image, x, y).some((value) => value !== 128)) spots.push({ x, y });
  }
  return spots;
}

function someDetections(count: number, width: number, height: number): DrawnDetection[] {
  const random = seededRandom(count);
  const names = ['사람', 'bicycle', '뷁 특수글자', 'a rather long class name'];
  const colours = classColours(names);
  return Array.from({ length: count }, () => {
    const [x1, y1] = [random() * width * 1.1 - width * 0.05, random() * height * 1.1 - height * 0.05];
    const kind = Math.floor(random() * names.length);
    const [x2, y2] = [x1 + random() * width * 0.3, y1 + random() * height * 0.3];
    return { x1, y1, x2, y2, label: names[kind]!, confidence: random(), colour: colours[kind]! };
  });
}

describe('drawDetections', () => {
  test('draws the frame on the box, leaves the inside alone', () => {
    const image = aCanvas(200, 150);
    drawDetections(image, [aDetection({ x1: 20, y1: 60, x2: 150, y2: 120 })], { labels: 'hidden' });
    expect(pixelAt(image, 20, 90)).toEqual([255, 0, 0]);
    expect(pixelAt(image, 85, 60)).toEqual([255, 0, 0]);
    expect(pixelAt(image, 85, 90)).toEqual([128, 128, 128]);
  });

  test('a label is a plate in the class colour with readable text on it', () => {
    const image = aCanvas(400, 300);
    drawDetections(image, [aDetection({ x1: 50, y1: 100, x2: 300, y2: 250 })]);
    const { fontPx } = drawStyleFor(image);
    const plate = changed(image).filter(({ y }) => y < 98);
    expect(plate.length).toBeGreaterThan(fontPx * fontPx);
    const colours = new Set(plate.map(({ x, y }) => String(pixelAt(image, x, y))));
    expect(colours).toContain('255,0,0');
    expect(colours).toContain('0,0,0');
  });

  test('different Hangul is drawn as different shapes, not as boxes for missing glyphs', () => {
    const shapes = ['가', '힣', '뷁', 'A', '셔'].map((label) => {
      const image = aCanvas(300, 200);
      drawTexts(image, [{ text: label, fontPx: 40, x: 10, y: 10, colour: [0, 0, 0] }]);
      return changed(image)
        .map(({ x, y }) => `${x},${y}`)
        .join(' ');
    });
    expect(new Set(shapes).size).toBe(shapes.length);
    for (const shape of shapes) expect(shape.length).toBeGreaterThan(100);
  });

  test.each([
    [1, 1],
    [1, 40],
    [16, 16],
    [63, 40],
    [200, 12],
    [320, 240],
    [1000, 40],
  ])('nothing is written outside a picture of %i×%i', (width, height) => {
    const image = aCanvas(width, height);
    const guarded = new Uint8Array(image.data.length + 64).fill(77);
    guarded.set(image.data, 32);
    const view = { width, height, data: guarded.subarray(32, 32 + image.data.length) };
    drawDetections(view, someDetections(40, width, height));
    drawTopClasses(view, [{ label: '가방', confidence: 0.5, colour: RED }]);
    expect([...guarded.subarray(0, 32), ...guarded.subarray(-32)].every((value) => value === 77)).toBe(true);
  });

  test('boxes that are not finite, empty or outside are left out or cut', () => {
    const image = aCanvas(100, 100);
    const odd = [{ x1: Number.NaN }, { x2: Number.POSITIVE_INFINITY }, { x1: 500, x2: 600 }, { x1: -90, x2: -10 }].map(
      (changes) => aDetection(changes),
    );
    drawDetections(image, odd);
    expect(changed(image)).toEqual([]);
    drawDetections(image, [aDetection({ x1: -1e9, y1: -1e9, x2: 1e9, y2: 1e9 })], { labels: 'hidden' });
    expect(pixelAt(image, 0, 50)).toEqual([255, 0, 0]);
    expect(pixelAt(image, 50, 50)).toEqual([128, 128, 128]);
  });

  test('a small object stays visible inside its box', () => {
    const image = aCanvas(3000, 2000);
    drawDetections(image, [aDetection({ x1: 1000, y1: 1000, x2: 1012, y2: 1012 })], { labels: 'hidden' });
    expect(pixelAt(image, 1006, 1006)).toEqual([128, 128, 128]);
  });

  test('a thumbnail keeps most of itself', () => {
    const image = aCanvas(48, 48);
    drawDetections(image, [aDetection({ x1: 4, y1: 4, x2: 44, y2: 44 })]);
    expect(changed(image).length).toBeLessThan(48 * 48 * 0.35);
  });

  test('a rotated box is drawn by its corners', () => {
    const image = aCanvas(200, 200);
    const polygon = [100, 40, 160, 100, 100, 160, 40, 100];
    drawDetections(image, [aDetection({ x1: 40, y1: 40, x2: 160, y2: 160, polygon })], { labels: 'hidden' });
    expect(pixelAt(image, 130, 70)[0]).toBeGreaterThan(200);
    expect(pixelAt(image, 41, 41)).toEqual([128, 128, 128]);
  });

  test('the detections are not changed', () => {
    const detections = Object.freeze([Object.freeze(aDetection({ confidence: 0.1 })), Object.freeze(aDetection())]);
    expect(() => drawDetections(aCanvas(50, 50), detections)).not.toThrow();
  });
});

describe('placeLabels', () => {
  const place = (detections: readonly DrawnDetection[], width: number, height: number) =>
    placeLabels(
      detections.map(({ x1, y1, x2, y2, label, confidence, colour }) => ({
        name: label,
        suffix: confidence.toFixed(2),
        colour,
        anchor: {
          x: Math.round(x1),
          y: Math.round(y1),
          width: Math.round(x2 - x1) + 1,
          height: Math.round(y2 - y1) + 1,
        },
      })),
      { width, height },
      drawStyleFor({ width, height }, detections.length),
    );

  test.each([
    [30, 320, 240],
    [300, 3840, 2160],
    [1000, 1920, 1080],
  ])('%i labels at %i×%i stay inside and cover no other', (count, width, height) => {
    const labels = place(someDetections(count, width, height), width, height);
    expect(labels.length).toBeGreaterThan(8);
    labels.forEach(({ rect }, index) => {
      expect(rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= width && rect.y + rect.height <= height).toBe(true);
      for (const { rect: other } of labels.slice(index + 1)) {
        const isApart =
          rect.x >= other.x + other.width ||
          other.x >= rect.x + rect.width ||
          rect.y >= other.y + other.height ||
          other.y >= rect.y + rect.height;
        expect(isApart).toBe(true);
      }
    });
  });

  test('the first label stands above its box, at the top edge inside it', () => {
    const [above] = place([aDetection({ x1: 100, y1: 100, x2: 300, y2: 200 })], 640, 480);
    expect(above!.rect.y + above!.rect.height).toBe(100);
    const [inside] = place([aDetection({ x1: 100, y1: 0, x2: 300, y2: 200 })], 640, 480);
    expect(inside!.rect.y).toBeGreaterThanOrEqual(0);
    expect(inside!.rect.y + inside!.rect.height).toBeLessThan(200);
  });

  test('equal boxes do not hide each other’s labels', () => {
    const labels = place([aDetection(), aDetection({ confidence: 0.5 }), aDetection({ confidence: 0.4 })], 640, 480);
    expect(labels.length).toBe(3);
  });

  test('a name too long for the picture is cut, its confidence kept', () => {
    const [label] = place([aDetection({ label: 'x'.repeat(60) })], 160, 120);
    expect(label).toMatchObject({ name: expect.stringMatching(/^x+…$/), suffix: '0.93' });
  });
});

describe('text', () => {
  test('becomes one short line', () => {
    expect(oneLine(' a\n\tb\u0000c\u202e ')).toBe('a b c');
    expect([...oneLine('가'.repeat(500))]).toHaveLength(64);
    expect(oneLine('한'.normalize('NFD'))).toBe('한');
  });

  test('is cut to a width with an ellipsis, or to nothing', () => {
    const cut = fitText('스웨터와 바지', 20, 60);
    expect(cut).toMatch(/^스웨.*…$/);
    expect(textWidthPx(cut, 20)).toBeLessThanOrEqual(60);
    expect(fitText('스웨터', 20, 3)).toBe('');
    expect(fitText('짧다', 20, 600)).toBe('짧다');
  });
});

describe('masks', () => {
  const disc = { x: 0, y: 0, width: 3, height: 3, data: Uint8Array.from([0, 1, 0, 1, 1, 1, 0, 1, 0]) };

  test('mix their colour in under the mask and nowhere else', () => {
    const image = aCanvas(10, 10, 100);
    blendMask(image, { ...disc, x: 4, y: 5 }, [200, 0, 100], 0.5);
    expect(pixelAt(image, 5, 6)).toEqual([150, 50, 100]);
    expect(pixelAt(image, 4, 5)).toEqual([100, 100, 100]);
    expect(pixelAt(image, 8, 6)).toEqual([100, 100, 100]);
  });

  test.each([
    [0, [100, 100, 100]],
    [1, [200, 0, 255]],
    [7, [200, 0, 255]],
  ])('opacity %f', (opacity, expected) => {
    const image = aCanvas(3, 3, 100);
    blendMask(image, disc, [200, 0, 255], opacity);
    expect(pixelAt(image, 1, 1)).toEqual(expected);
  });

  test('regions that hang over the edge are cut', () => {
    const full = { width: 4, height: 4, data: new Uint8Array(16).fill(1) };
    for (const [x, y, painted] of [
      [-2, -2, 4],
      [8, 8, 4],
      [-4, 0, 0],
      [20, 20, 0],
      [3, -3, 4],
    ] as const) {
      const image = aCanvas(10, 10);
      blendMask(image, { ...full, x, y }, RED, 1);
      expect(changed(image).length).toBe(painted);
    }
  });

  test('an outline is the rim only, as thick as asked', () => {
    const full = { x: 2, y: 2, width: 10, height: 10, data: new Uint8Array(100).fill(1) };
    const image = aCanvas(20, 20);
    outlineMask(image, full, RED, 2);
    expect(changed(image).length).toBe(100 - 36);
    expect(pixelAt(image, 7, 7)).toEqual([128, 128, 128]);
  });

  test.each([
    { x: 3, y: 2, thickness: 1, share: 0.5 },
    { x: -7, y: -5, thickness: 2, share: 0.9 },
    { x: 40, y: 30, thickness: 3, share: 0.97 },
    { x: 5, y: -3, thickness: 6, share: 0.995 },
    { x: 0, y: 0, thickness: 40, share: 1 },
  ])('tint and outline equal their rules, applied pixel by pixel: $thickness px, $share set', (row) => {
    const { x, y, thickness, share } = row;
    const random = seededRandom(thickness);
    const mask = { x, y, width: 70, height: 45, data: Uint8Array.from({ length: 70 * 45 }, () => +(random() < share)) };
    const image = aCanvas(90, 60);
    image.data.forEach((_, at) => {
      image.data[at] = random() * 256;
    });
    const expected = Uint8Array.from(image.data);
    const isSet = (column: number, line: number) =>
      column >= 0 && line >= 0 && column < 70 && line < 45 && mask.data[line * 70 + column] === 1;
    const isRim = (column: number, line: number) =>
      Array.from({ length: thickness }, (_, step) => step + 1).some(
        (step) =>
          !isSet(column - step, line) ||
          !isSet(column + step, line) ||
          !isSet(column, line - step) ||
          !isSet(column, line + step),
      );
    const colour: Rgb = [201, 7, 255];
    for (let line = 0; line < 45; line++) {
      for (let column = 0; column < 70; column++) {
        const [across, down] = [x + column, y + line];
        if (!isSet(column, line) || across < 0 || down < 0 || across >= 90 || down >= 60) continue;
        for (let channel = 0; channel < 3; channel++) {
          const at = (down * 90 + across) * 3 + channel;
          const mixed = Math.floor((expected[at]! * (256 - 115) + colour[channel]! * 115 + 128) / 256);
          expected[at] = isRim(column, line) ? colour[channel]! : mixed;
        }
      }
    }
    blendMask(image, mask, colour, 0.45);
    outlineMask(image, mask, colour, thickness);
    expect(Buffer.from(image.data).equals(expected)).toBe(true);
  });

  test('a class map paints known classes and leaves the background', () => {
    const image = aCanvas(4, 1, 100);
    blendClassMap(image, Uint8Array.from([0, 1, 2, 9]), [BLUE, RED, [0, 200, 0]], { opacity: 0.5, unpainted: 0 });
    expect([0, 1, 2, 3].map((x) => pixelAt(image, x, 0))).toEqual([
      [100, 100, 100],
      [178, 50, 50],
      [50, 150, 50],
      [100, 100, 100],
    ]);
  });
});

describe('lines', () => {
  test('cover what their length and thickness say, at every angle', () => {
    for (let degrees = 0; degrees < 180; degrees += 15) {
      const image = aCanvas(120, 120, 0);
      const [dx, dy] = [40 * Math.cos((degrees * Math.PI) / 180), 40 * Math.sin((degrees * Math.PI) / 180)];
      strokeLine(image, { x1: 60 - dx, y1: 60 - dy, x2: 60 + dx, y2: 60 + dy }, 4, [255, 255, 255]);
      let covered = 0;
      for (let at = 0; at < image.data.length; at += 3) covered += image.data[at]! / 255;
      const expected = 80 * 4 + Math.PI * 4;
      expect(Math.abs(covered - expected) / expected, `${degrees}°`).toBeLessThan(0.03);
    }
  });

  test('from far outside to far outside are cut, and their slope stays', () => {
    const image = aCanvas(100, 100, 0);
    strokeLine(image, { x1: -1e7, y1: -1e7, x2: 1e7, y2: 1e7 }, 3, RED);
    for (const at of [1, 50, 98]) expect(pixelAt(image, at, at)).toEqual([255, 0, 0]);
    expect(pixelAt(image, 50, 60)).toEqual([0, 0, 0]);
  });

  test('round rectangles leave their corners', () => {
    const image = aCanvas(40, 40);
    fillRoundRect(image, { x: 5, y: 5, width: 30, height: 20 }, 8, RED);
    expect(pixelAt(image, 5, 5)).toEqual([128, 128, 128]);
    expect(pixelAt(image, 20, 5)).toEqual([255, 0, 0]);
    expect(pixelAt(image, 5, 15)).toEqual([255, 0, 0]);
  });
});

test('keypoints below the threshold, and their limbs, are left out', () => {
  const points = Array.from({ length: 17 }, (_, index) => ({
    x: 20 + index * 9,
    y: 100,
    confidence: index === 5 ? 0.9 : 0.1,
  }));
  const image = aCanvas(200, 200);
  drawKeypoints(image, points, { colour: RED, skeleton: COCO_SKELETON, confidenceMin: 0.5 });
  const spots = changed(image);
  expect(spots.length).toBeGreaterThan(0);
  for (const { x, y } of spots) expect(Math.hypot(x - 65, y - 100)).toBeLessThan(10);
});

describe('drawTopClasses', () => {
  const classes = ['스웨터', 'T-shirt', '바지', '모자', '가방'].map((label, index) => ({
    label,
    confidence: [0.8, 0.1, 0.05, 0.03, 0.02][index]!,
    colour: RED,
  }));

  test('keeps the picture’s size and draws a panel in the lower left corner', () => {
    const image = aCanvas(640, 480);
    drawTopClasses(image, classes);
    const spots = changed(image);
    expect(image.data.length).toBe(640 * 480 * 3);
    expect(Math.max(...spots.map(({ x }) => x))).toBeLessThan(640 * 0.65);
    expect(Math.min(...spots.map(({ y }) => y))).toBeGreaterThan(480 * 0.45);
  });

  test('takes fewer rows on a small picture and none on a tiny one', () => {
    const panelHeight = (size: number) => {
      const image = aCanvas(size, size);
      drawTopClasses(image, classes);
      return new Set(changed(image).map(({ y }) => y)).size;
    };
    expect(panelHeight(100)).toBeGreaterThan(0);
    expect(panelHeight(100)).toBeLessThanOrEqual(52);
    expect(panelHeight(24)).toBe(0);
  });

  test('says whether anything was drawn', () => {
    expect(drawTopClasses(aCanvas(640, 480), classes)).toBe(true);
    expect(drawTopClasses(aCanvas(24, 24), classes)).toBe(false);
  });

  test('draws no share without the name of its class, nor what comes after it', () => {
    const rowsOf = (kinds: readonly (typeof classes)[number][]) => {
      const image = aCanvas(200, 400);
      drawTopClasses(image, kinds);
      return new Set(changed(image).map(({ y }) => y)).size;
    };
    const [first, second] = classes as [(typeof classes)[number], (typeof classes)[number]];
    const nameless = { ...first, label: '' };
    expect(rowsOf([nameless, second])).toBe(0);
    expect(rowsOf([first, nameless, second])).toBe(rowsOf([first]));
  });

  test('a confidence that is no number draws an empty bar', () => {
    expect(() =>
      drawTopClasses(aCanvas(300, 300), [{ label: 'x', confidence: Number.NaN, colour: RED }]),
    ).not.toThrow();
    expect(() => drawTopClasses(aCanvas(300, 300), [])).not.toThrow();
  });
});
