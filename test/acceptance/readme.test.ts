import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rootDir, type Stack, startStack } from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MarkedBlock, markedBlocks } from '../repository.js';

const blocks = markedBlocks(await readFile(join(rootDir, 'README.md'), 'utf8'));

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
    expect(JSON.parse(stored ?? '')).toMatchObject({ findings: { family: 'yolo-detect', refusal: null } });
    expect(JSON.parse(answered ?? '')).toMatchObject({ task_type: 'object_detection' });
  },
};

describe('the commands of the README', () => {
  let stack: Stack;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lensgate-readme-'));
    await symlink(join(rootDir, 'models'), join(folder, 'models'));
    stack = await startStack({ frameworks: ['ultralytics', 'timm'] });
  });
  afterAll(async () => {
    await stack?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs a block with its usual ports replaced by the ones of this stack, where its files stay out of the repository. */
  const runBlock = async ({ script }: MarkedBlock): Promise<Ran> => {
    const urls: Record<string, string | undefined> = {
      'http://127.0.0.1:8000': stack.gateway.url,
      'http://127.0.0.1:8002': stack.workers.get('ultralytics')?.url,
    };
    const here = Object.entries(urls).reduce((text, [usual, url]) => text.replaceAll(usual, url ?? usual), script);
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', here], {
      cwd: folder,
      maxBuffer: 64 * 2 ** 20,
    });
    return { stdout, folder };
  };

  test('every marked block is promised something here', () => {
    expect(blocks.map(({ name }) => name)).toEqual(Object.keys(promises));
  });

  test.each(blocks)('$name does what the page says', async (block) => {
    await promises[block.name]?.(await runBlock(block));
  });

  test('the answer that the page shows is the one that comes', async () => {
    const [shown = ''] = /```json\n(.*?)```/s.exec(await readFile(join(rootDir, 'README.md'), 'utf8'))?.slice(1) ?? [];
    const real = object(await runBlock(blocks[0]!));
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
