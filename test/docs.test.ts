import { access, readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errorRegistry } from '@lensgate/contracts';
import { GatewayEnv } from '@lensgate/gateway';
import { WorkerConfig } from '@lensgate/worker-kit';
import { describe, expect, test } from 'vitest';
import { services } from '../scripts/lib/services.mjs';
import { documents } from '../scripts/write-docs.mjs';
import { markedBlocks } from './repository.js';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFile(join(root, path), 'utf8');

/** `## Title` and the text below it. */
function sectionsOf(markdown: string): Map<string, string> {
  const [, ...sections] = markdown.split(/^## /m);
  return new Map(
    sections.map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end).trim(), section.slice(end + 1).trim()];
    }),
  );
}

describe('docs/errors.md', () => {
  const documented = async () => sectionsOf(await read('docs/errors.md'));

  test('has exactly the codes of the registry', async () => {
    expect([...(await documented()).keys()].sort()).toEqual(Object.keys(errorRegistry).sort());
  });

  test('says status and retryability as the registry does', async () => {
    const said = [...(await documented())].map(([code, text]) => [code, text.split('\n')[0]]);
    const registered = Object.entries(errorRegistry).map(([code, { status, retryable }]) => [
      code,
      `${status}, ${retryable ? 'retryable' : 'not retryable'}`,
    ]);
    expect(Object.fromEntries(said)).toEqual(Object.fromEntries(registered));
  });

  test('explains each code in a paragraph', async () => {
    const short = [...(await documented())].filter(([, text]) => text.split('\n').slice(1).join('').length < 100);
    expect(short.map(([code]) => code)).toEqual([]);
  });

  test('is ordered by status, so that codes of one kind stand together', async () => {
    const statuses = [...(await documented()).values()].map((text) => Number.parseInt(text, 10));
    expect(statuses).toEqual([...statuses].sort((a, b) => a - b));
  });
});

test.each(Object.entries(documents))('%s is what the code says; `npm run docs` writes it', async (path, text) => {
  expect(await read(path)).toBe(await text());
});

describe('docs/configuration.md', () => {
  /** Rows of the table in a section: variable → default, as written. */
  const documented = async (section: string) => {
    const text = sectionsOf(await read('docs/configuration.md')).get(section) ?? '';
    return new Map(
      [...text.matchAll(/^\| `(\w+)` +\| (.+?) +\| .+ \|$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
  };

  interface EnvSchema {
    readonly shape: object;
    parse(env: Record<string, string>): unknown;
    safeParse(env: Record<string, string>): { error?: { issues: readonly { path: readonly PropertyKey[] }[] } };
  }
  const schemas: { section: string; env: EnvSchema; minimal: Record<string, string> }[] = [
    { section: 'Gateway', env: GatewayEnv, minimal: { DATABASE_URL: 'postgresql://db' } },
    { section: 'Workers', env: WorkerConfig(8002)._zod.def.in as unknown as EnvSchema, minimal: {} },
  ];

  test.each(schemas)('names exactly the variables that are read: $section', async ({ section, env }) => {
    expect([...(await documented(section)).keys()].sort()).toEqual(Object.keys(env.shape).sort());
  });

  test.each(schemas)('says the defaults: $section', async ({ section, env, minimal }) => {
    const unset = env.parse(minimal) as Record<string, unknown>;
    for (const [name, said] of await documented(section)) {
      const literal = /^`(.*)`$/.exec(said)?.[1];
      // A default that is written out must mean the same when it is set.
      if (literal !== undefined) expect(env.parse({ ...minimal, [name]: literal }), name).toEqual(unset);
      else if (said === 'required') expect(env.safeParse({}).error?.issues.map(({ path }) => path[0])).toContain(name);
      else if (said === 'not set') expect(unset[name], name).toBeUndefined();
      else if (said === 'none') expect(unset[name], name).toEqual([]);
      // Words: it depends on the machine or on the worker, so it is there.
      else expect(unset[name], name).toBeDefined();
    }
  });
});

test('docs/configuration.md names the ports of `npm start`', async () => {
  const text = sectionsOf(await read('docs/configuration.md')).get('With npm start') ?? '';
  const said = [...text.matchAll(/^\| `(\w+)` +\| `(\d+)` +\|/gm)].map(([, name, port]) => [name, Number(port)]);
  expect(said).toEqual(services.map(({ portVariable, portDefault }) => [portVariable, portDefault]));
});

describe('every document', () => {
  const documents = async () => {
    const docs = await readdir(join(root, 'docs'), { recursive: true });
    const found = docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
    return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'models/README.md', ...found];
  };

  test('links to files that are there', async () => {
    const broken: string[] = [];
    for (const document of await documents()) {
      const prose = (await read(document)).replaceAll(/```.*?```/gs, '');
      for (const [, target = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target) || target.startsWith('#')) continue;
        const path = join(root, dirname(document), target.split('#')[0] ?? '');
        await access(path).catch(() => broken.push(`${document}: ${target}`));
      }
    }
    expect(broken).toEqual([]);
  });

  test('names scripts that package.json has', async () => {
    const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
    const known = new Set([...Object.keys(scripts), 'migration:new']);
    const unknown: string[] = [];
    for (const document of await documents()) {
      for (const [, name = ''] of (await read(document)).matchAll(/npm run ([\w:-]+)/g)) {
        if (!known.has(name)) unknown.push(`${document}: npm run ${name}`);
      }
    }
    expect(unknown).toEqual([]);
  });

  test('decision records are numbered without gaps and have their four parts', async () => {
    const names = (await readdir(join(root, 'docs/adr'))).sort();
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
    for (const name of names) {
      const parts = [...sectionsOf(await read(`docs/adr/${name}`)).keys()];
      expect(parts, name).toEqual(['Forces', 'Choice', 'Cost', 'Sign we were wrong']);
    }
  });
});

test('the scores in models/README.md are the ones that the models carry', async () => {
  const rows = new Map(
    [...(await read('models/README.md')).matchAll(/^\| `(wardrobe-\w+\.onnx)` \| .*$/gm)]
      .filter(([row]) => /recall|top-1|the same/.test(row))
      .map(([row, file]) => [file, row]),
  );
  expect(rows.size).toBe(3);
  for (const [file, row] of rows) {
    // The metadata key and its JSON value stand in the file as plain text, a few bytes apart.
    const model = await readFile(join(root, 'models', file ?? ''), 'latin1');
    const scores = JSON.parse(/held_out[^{]{1,8}(\{[^}]*\})/.exec(model)?.[1] ?? '{}') as Record<string, number>;
    expect(Object.keys(scores).length).toBeGreaterThan(1);
    const claimed = new Set(row.match(/0\.\d+/g)?.map(Number));
    // The detector is written with the segmenter's scores; it has no masks.
    const own = Object.entries(scores).filter(
      ([name]) => name !== 'images' && (name !== 'mask_iou' || /mask/.test(row)),
    );
    expect(
      own.filter(([, score]) => !claimed.has(score)),
      file,
    ).toEqual([]);
  }
});

test('the README has commands that the acceptance suite runs', async () => {
  const names = markedBlocks(await read('README.md')).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(3);
  expect(new Set(names).size).toBe(names.length);
});
