import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootDir, type Stack, startStack } from '@lensgate/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MarkedBlock, markedBlocks } from '../repository.js';
import { isWithoutBrowser, launchBrowser, withoutBrowser } from './browser.js';
import { missingFor, runBlock } from './run-block.js';

const all = markedBlocks(await readFile(join(rootDir, 'README.md'), 'utf8'));
/** A page runs in a browser, everything else by itself. */
const [page] = all.filter(({ language }) => language === 'html');
const blocks = all.filter((block) => block !== page);

interface Ran {
  readonly stdout: string;
  /** Where the block has left its files. */
  readonly folder: string;
}

const object = ({ stdout }: Ran) => JSON.parse(stdout) as Record<string, unknown>;
/** Coordinates as the page shows them, to a tenth of a pixel: another processor rounds differently. */
const nearly = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(nearly) : typeof value === 'number' ? expect.closeTo(value, 1) : value;

const somethingFound = (ran: Ran) => expect(object(ran).num_detections).toBeGreaterThan(0);

/** Of the film that stands for a camera: pictures that OpenCV reads one after the other. */
const frames = 5;

/** What each block of the README promises. */
const promises: Record<string, (ran: Ran) => unknown> = {
  'first-picture': (ran) => {
    somethingFound(ran);
    expect(object(ran)).toMatchObject({ image_name: 'scene-1003.png', overlay_base64: expect.any(String) });
  },
  overlay: async ({ folder }) => {
    const picture = await readFile(join(folder, 'overlay.png'));
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
  },
  'python-requests': ({ stdout }) => {
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toMatch(/^pullover 0\.95 \[145\.\d+, 258\.\d+, 78\.\d+, 88\.\d+\]$/);
    expect(lines.at(-1)).toMatch(/^[1-9]\d* found$/);
  },
  'python-camera': ({ stdout }) => {
    expect(stdout).not.toContain('dropped');
    const pullovers = stdout.split('\n').filter((line) => /^pullover 0\.\d+ \[\d+, \d+, \d+, \d+\]$/.test(line));
    expect(pullovers).toHaveLength(frames);
  },
  typescript: ({ stdout }) => expect(stdout).toMatch(/^1 \d+\n2 \d+\n$/),
  'typescript-handle': ({ stdout }) => expect(stdout).toBe('object_detection\nimage_classification\n'),
  'create-job': (ran) => expect(object(ran)).toMatchObject({ id: 1001, framework: 'ultralytics' }),
  'push-checkpoint': (ran) =>
    expect(object(ran)).toMatchObject({ checkpoints: [{ status: 'accepted', is_best: true, epoch: 90 }] }),
  'own-job': (ran) => {
    somethingFound(ran);
    expect(object(ran)).not.toHaveProperty('overlay_base64');
  },
  'push-configuration': ({ stdout }) => {
    const [, pushed] = stdout.replace('}{', '}\n{').split('\n');
    expect(JSON.parse(pushed ?? '')).toMatchObject({
      checkpoints: [{ status: 'accepted', findings: { family: 'timm-classifier', input_width: 64 } }],
    });
  },
  'warm-pin-unload': ({ stdout }) => {
    const [warmed, patched, listed, unloaded] = stdout
      .replaceAll('}{', '}\n{')
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(warmed).toMatchObject({ replicas: [{ state: 'ready', warm: true, problem: null }] });
    expect(patched).toMatchObject({ pinned: true });
    expect(listed).toMatchObject({ checkpoints: [{ pinned: true, serving: [{ warm: true, pinned: true }] }] });
    expect(unloaded).toMatchObject({ replicas: [{ state: 'stored', children: 0, pinned: false }] });
  },
  'worker-alone': somethingFound,
  'worker-checkpoint': ({ stdout }) => {
    const [stored, answered] = stdout.replace('}{', '}\n{').split('\n');
    expect(JSON.parse(stored ?? '')).toMatchObject({ findings: { family: 'yolo-detect' } });
    expect(JSON.parse(answered ?? '')).toMatchObject({ task_type: 'object_detection' });
  },
};

const originOf = (site: Server) => `http://127.0.0.1:${(site.address() as AddressInfo).port}`;

describe('the commands of the README', () => {
  let stack: Stack;
  let folder: string;
  let site: Server;
  const args: Record<string, readonly string[]> = { 'python-camera': ['film/%02d.jpg'] };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lensgate-readme-'));
    await symlink(join(rootDir, 'models'), join(folder, 'models'));
    await mkdir(join(folder, 'film'));
    const frame = await sharp(join(rootDir, 'models/samples/scene-1003.png')).jpeg({ quality: 95 }).toBuffer();
    for (let number = 0; number < frames; number++) await sharp(frame).toFile(join(folder, `film/0${number}.jpg`));
    site = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(here(page?.script ?? ''));
    });
    await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
    stack = await startStack({
      frameworks: ['ultralytics', 'timm'],
      gatewayEnv: { ALLOWED_ORIGINS: originOf(site) },
    });
  });
  afterAll(async () => {
    await stack?.close();
    site?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A block with its usual ports replaced by the ones of this stack. */
  const here = (script: string): string => {
    const urls: Record<string, string | undefined> = {
      'http://127.0.0.1:8000': stack.gateway.url,
      'http://127.0.0.1:8002': stack.workers.get('ultralytics')?.url,
    };
    return Object.entries(urls).reduce((text, [usual, url]) => text.replaceAll(usual, url ?? usual), script);
  };

  /** Runs a block where its files stay out of the repository. */
  const run = async (block: MarkedBlock): Promise<Ran> => {
    const shown = { ...block, script: here(block.script) };
    return { stdout: await runBlock(shown, { folder, args: args[block.name] ?? [] }), folder };
  };

  test('every marked block is promised something here', () => {
    expect(blocks.map(({ name }) => name)).toEqual(Object.keys(promises));
  });

  test.for(blocks)('$name does what the page says', async (block, { skip }) => {
    const missing = missingFor(block);
    skip(missing !== undefined, missing);
    await promises[block.name]?.(await run(block));
  });

  test('the web page shows what was found in the chosen picture, from an origin of its own', async ({ skip }) => {
    skip(isWithoutBrowser, withoutBrowser);
    const browser = await launchBrowser();
    try {
      const view = await browser.newPage();
      view.setDefaultTimeout(20_000);
      await view.goto(originOf(site));
      await view.locator('input').setInputFiles(join(rootDir, 'models/samples/scene-1003.png'));
      await view.getByText('2 found').waitFor();
      const drawn = view.locator('img[src^="data:image/png;base64,"]');
      await drawn.waitFor();
      expect(await drawn.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(320);
    } finally {
      await browser.close();
    }
  });

  test('the answer that the page shows is the one that comes', async () => {
    const [shown = ''] = /```json\n(.*?)```/s.exec(await readFile(join(rootDir, 'README.md'), 'utf8'))?.slice(1) ?? [];
    const real = object(await run(blocks[0]!));
    const shortened = JSON.parse(shown.replaceAll(/,\s*…/g, '')) as Record<string, unknown>;
    expect(Object.keys(shortened).sort()).toEqual(Object.keys(real).sort());
    expect(real.num_detections).toBe(shortened.num_detections);
    const [shownBox] = shortened.predicted_boxes as Record<string, unknown>[];
    const [realBox] = real.predicted_boxes as Record<string, unknown>[];
    expect(realBox).toEqual(
      Object.fromEntries(Object.entries(shownBox ?? {}).map(([key, value]) => [key, nearly(value)])),
    );
  });
});
