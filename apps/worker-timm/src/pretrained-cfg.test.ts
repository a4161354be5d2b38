import type { Words } from '@lensgate/contracts';
import { describe, expect, test } from 'vitest';
import { readPretrainedCfg, type TimmConfig } from './pretrained-cfg.js';

const graph = { width: 64, height: 64 };

function read(metadata: Record<string, string>, graphSize: typeof graph | null = graph): TimmConfig {
  const config = readPretrainedCfg({ metadata }, graphSize);
  if ('refusal' in config) throw new Error(config.refusal.en);
  return config;
}
const ofCfg = (cfg: object, graphSize: typeof graph | null = graph) =>
  read({ pretrained_cfg: JSON.stringify(cfg) }, graphSize);

function refusalOf(cfg: object): Words | undefined {
  const config = readPretrainedCfg({ metadata: { pretrained_cfg: JSON.stringify(cfg) } }, graph);
  return 'refusal' in config ? config.refusal : undefined;
}

describe('readPretrainedCfg', () => {
  test('takes every key that changes pixels', () => {
    const cfg = {
      input_size: [3, 64, 64],
      interpolation: 'lanczos',
      crop_pct: 0.9,
      crop_mode: 'border',
      mean: [0.1, 0.2, 0.3],
      std: [0.4, 0.5, 0.6],
      label_names: ['a', 'b'],
      architecture: 'resnet18',
      num_classes: 2,
    };
    expect(ofCfg(cfg)).toEqual({
      width: 64,
      height: 64,
      interpolation: 'lanczos',
      cropPct: 0.9,
      cropMode: 'border',
      mean: [0.1, 0.2, 0.3],
      std: [0.4, 0.5, 0.6],
      labelNames: ['a', 'b'],
      warnings: [],
    });
  });

  test("uses timm's defaults for what is missing, and says so only where nothing is there", () => {
    const defaults = {
      interpolation: 'bicubic',
      cropPct: 0.875,
      cropMode: 'center',
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      labelNames: null,
    };
    expect(ofCfg({})).toMatchObject({ ...defaults, warnings: [] });
    expect(ofCfg({ crop_pct: null, crop_mode: null, label_names: null })).toMatchObject(defaults);
    expect(read({})).toMatchObject({ ...defaults, warnings: [{ en: expect.stringMatching(/no pretrained_cfg/) }] });
    expect(read({ pretrained_cfg: '{not json' }).warnings).toMatchObject([
      { en: expect.stringMatching(/no pretrained_cfg/) },
    ]);
  });

  test("takes the graph's size before the configuration's, and the configuration's where the graph leaves it open", () => {
    expect(ofCfg({ input_size: [3, 224, 224] })).toMatchObject({ width: 64, height: 64 });
    expect(ofCfg({ input_size: [3, 288, 320] }, null)).toMatchObject({ width: 320, height: 288 });
    expect(ofCfg({}, null)).toMatchObject({ width: 224, height: 224 });
  });

  test('uses the test crop only with the test size', () => {
    const cfg = { input_size: [3, 64, 64], crop_pct: 0.875, test_input_size: [3, 96, 96], test_crop_pct: 1 };
    expect(ofCfg(cfg, { width: 96, height: 96 })).toMatchObject({ width: 96, cropPct: 1 });
    expect(ofCfg(cfg, { width: 64, height: 64 })).toMatchObject({ width: 64, cropPct: 0.875 });
    expect(ofCfg(cfg, null)).toMatchObject({ width: 96, height: 96, cropPct: 1 });
  });

  test('reads a whole config.json, its label names too', () => {
    const file = { architecture: 'x', label_names: ['하나', '둘'], pretrained_cfg: { crop_pct: 0.95 } };
    for (const key of ['config', 'config.json']) {
      expect(read({ [key]: JSON.stringify(file) })).toMatchObject({ cropPct: 0.95, labelNames: ['하나', '둘'] });
    }
  });

  test('reads names written as a Python literal', () => {
    expect(read({ names: "{0: 'cat', 1: \"it's\"}" }).labelNames).toEqual(['cat', "it's"]);
    expect(read({ names: "['cat', 'dog']" }).labelNames).toEqual(['cat', 'dog']);
    expect(read({ names: '{0: ' }).labelNames).toBeNull();
  });

  test('takes bilinear for the random interpolation of training, and says so', () => {
    const config = ofCfg({ interpolation: 'random' });
    expect(config.interpolation).toBe('bilinear');
    expect(config.warnings).toMatchObject([{ en: expect.stringMatching(/bilinear/) }]);
  });

  test.each([
    [{ interpolation: 'area' }, /interpolation/],
    [{ crop_mode: 'pad' }, /crop_mode/],
    [{ crop_pct: 0 }, /crop_pct/],
    [{ mean: [0.5] }, /mean/],
    [{ input_size: [3, 0, 64] }, /input_size/],
  ])('refuses %j in words', (cfg, words) => {
    expect(refusalOf(cfg)?.en).toMatch(words);
    expect(refusalOf(cfg)?.en).toMatch(/pretrained_cfg cannot be read/);
    expect(refusalOf(cfg)?.ko).toMatch(/[가-힣]/);
  });
});
