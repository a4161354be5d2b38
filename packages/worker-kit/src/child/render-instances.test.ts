import { defaultOptions, type InferenceOptions } from '@lensgate/contracts';
import { maskOf } from '@lensgate/vision';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Instance } from './answer.js';
import { colourOfClass } from './class-colours.js';
import { renderInstances } from './render-instances.js';

const width = 60;
const height = 40;
const classNames = ['red kite', '가오리'];

/** A filled rectangle of one class, in the picture's frame. */
function instance(classId: number, box: { x1: number; y1: number; x2: number; y2: number }): Instance {
  const data = new Uint8Array(width * height);
  for (let y = box.y1; y < box.y2; y++) data.fill(1, y * width + box.x1, y * width + box.x2);
  const { x1, y1, x2, y2 } = box;
  return {
    box: {
      ...box,
      class_id: classId,
      label: classNames[classId]!,
      confidence: 0.9 - classId / 10,
      bbox: [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1],
      format: 'yolo',
    },
    mask: maskOf({ width, height }, data),
    polygon: () => Float32Array.from([x1, y1, x1, y2, x2, y2, x2, y1]),
  };
}

function render(instances: Instance[], options: Partial<InferenceOptions> = {}) {
  const image = { width, height, data: new Uint8Array(width * height * 3).fill(100) };
  const answer = { kind: 'instances' as const, instances, countMax: instances.length };
  const all = { ...defaultOptions, ...options };
  const canvas = all.overlay ? image : undefined;
  return renderInstances({ image, canvas, answer, options: all, warnings: [], classNames });
}

const first = { x1: 2, y1: 2, x2: 40, y2: 38 };
const second = { x1: 20, y1: 2, x2: 58, y2: 38 };

describe('renderInstances', () => {
  test('tints a pixel once, in the colour of the most confident instance that covers it', async () => {
    const { pictures } = render([instance(0, first), instance(1, second)]);
    const overlay = pictures.find(({ field }) => field === 'overlay_base64');
    const rgb = await sharp(await overlay!.encode())
      .removeAlpha()
      .raw()
      .toBuffer();
    const colourAt = (x: number, y: number) => [...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
    const colourOf = colourOfClass(classNames);
    const tinted = (name: string) => colourOf(name).map((value) => expect.closeTo(100 * 0.55 + value * 0.45, -0.5));
    expect(colourAt(10, 30)).toEqual(tinted('red kite'));
    expect(colourAt(30, 30)).toEqual(colourAt(10, 30));
    expect(colourAt(50, 30)).toEqual(tinted('가오리'));
  });

  test('numbers instances in the order they come, and gives each its shape', () => {
    const { result } = render([instance(0, first), instance(1, second)]);
    expect(result).toMatchObject({
      num_instances: 2,
      predicted_masks: [
        {
          instance_id: 1,
          class_id: 0,
          polygon: [
            [2, 2],
            [2, 38],
            [40, 38],
            [40, 2],
          ],
        },
        { instance_id: 2, class_id: 1 },
      ],
    });
  });

  test.each<[Partial<InferenceOptions>, string[]]>([
    [{}, ['overlay_base64', 'predicted_mask_base64']],
    [{ overlay: false }, ['predicted_mask_base64']],
    [{ masks: 'none' }, ['overlay_base64']],
    [{ masks: 'none', overlay: false }, []],
  ])('makes the pictures that %j asks for, and no others', (options, fields) => {
    expect(render([instance(0, first)], options).pictures.map(({ field }) => field)).toEqual(fields);
  });

  test('is content with nothing found', () => {
    expect(render([]).result).toMatchObject({ num_instances: 0, predicted_masks: [], predicted_boxes: [] });
  });
});
