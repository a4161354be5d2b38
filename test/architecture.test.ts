import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mermaidArrows, sourceFiles, workspaceFolders } from './repository.js';

const root = resolve(import.meta.dirname, '..');
const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
  forbidden: IForbiddenRuleType[];
  options: Parameters<typeof cruise>[1];
};

/** Reads every import of these workspaces' sources, and judges it by the rules. */
async function readImports(baseDir: string, workspaces: readonly string[]): Promise<ICruiseResult> {
  const { output } = await cruise(
    workspaces.map((folder) => `${folder}/src`),
    { ...options, baseDir, validate: true, ruleSet: { forbidden } },
  );
  return output as ICruiseResult;
}

const violationsOf = ({ summary }: ICruiseResult) =>
  summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));

const workspaceOf = (path: string, workspaces: readonly string[]) =>
  workspaces.find((folder) => path.startsWith(`${folder}/`));

/** `importer -> imported` for every pair of workspaces. */
function arrowsOf({ modules }: ICruiseResult, workspaces: readonly string[]): string[] {
  const arrows = new Set<string>();
  for (const { source, dependencies } of modules) {
    const from = workspaceOf(source, workspaces);
    for (const { resolved } of dependencies) {
      const to = workspaceOf(resolved, workspaces);
      if (from !== undefined && to !== undefined && from !== to) arrows.add(`${from} -> ${to}`);
    }
  }
  return [...arrows].sort();
}

describe('the sources of every workspace', () => {
  let imports: ICruiseResult;
  let workspaces: string[];
  beforeAll(async () => {
    workspaces = await workspaceFolders(root);
    imports = await readImports(root, workspaces);
  });

  test('every rule says why it is there', () => {
    expect(forbidden.filter(({ name, comment }) => !name || !comment)).toEqual([]);
  });

  test('every source file of every workspace is read', async () => {
    const read = new Set(imports.modules.map(({ source }) => source));
    const files = (await Promise.all(workspaces.map((folder) => sourceFiles(root, folder)))).flat();
    expect(files.filter((file) => !read.has(file))).toEqual([]);
    expect(files.length).toBeGreaterThan(150);
    expect(workspaces.filter((folder) => !files.some((file) => file.startsWith(`${folder}/src/`)))).toEqual([]);
  });

  test('imports follow the rules', () => {
    expect(violationsOf(imports)).toEqual([]);
  });

  test('the drawing in docs/architecture.md has exactly the arrows that the imports have', async () => {
    const drawn = mermaidArrows(await readFile(join(root, 'docs/architecture.md'), 'utf8'));
    expect(drawn).toEqual(arrowsOf(imports, workspaces));
  });

  test('the environment is read where a process begins, and nowhere else', async () => {
    const readers = new Map<string, string>([
      ['apps/gateway/src/run.ts', 'parses it once, passes it down'],
      ['apps/cli/src/main.ts', 'parses it once, passes it down'],
      ['packages/worker-kit/src/run-worker.ts', 'parses it once, passes it down'],
      ['packages/worker-kit/src/child/child-main.ts', 'what its parent tells a child before the first message'],
      ['packages/http-kit/src/serve.ts', 'whether to end with the process that started this one'],
      ['prisma/src/embedded-main.ts', 'folders of the embedded database, a process of its own'],
    ]);
    const found: string[] = [];
    for (const folder of workspaces.filter((each) => each !== 'packages/testing')) {
      for (const file of await sourceFiles(root, folder)) {
        const text = await readFile(join(root, file), 'utf8');
        if (/\bprocess\s*\.\s*env\b|\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from 'node:process'/.test(text))
          found.push(file);
      }
    }
    expect(found.sort()).toEqual([...readers.keys()].sort());
  });
});

describe('the rules bite', () => {
  /** For each rule a file that breaks it and no other rule. */
  const offenders: Record<string, { file: string; text: string }> = {
    'packages/contracts imports nothing of ours': {
      file: 'packages/contracts/src/offender.ts',
      text: "import '@lensgate/vision';",
    },
    'packages/vision imports nothing of ours': {
      file: 'packages/vision/src/offender.ts',
      text: "import type { wire } from '@lensgate/contracts';\nexport type Wire = typeof wire;",
    },
    'packages/http-kit imports only packages/contracts': {
      file: 'packages/http-kit/src/offender.ts',
      text: "export * from '@lensgate/vision';",
    },
    'packages/worker-kit imports only packages/contracts, packages/http-kit, packages/vision': {
      file: 'packages/worker-kit/src/offender.ts',
      text: "import '@lensgate/prisma';",
    },
    'packages/testing imports only packages/contracts, prisma': {
      file: 'packages/testing/src/offender.ts',
      text: "import '@lensgate/vision';",
    },
    'prisma imports nothing of ours': { file: 'prisma/src/offender.ts', text: "import '@lensgate/contracts';" },
    'apps/gateway imports only packages/contracts, packages/http-kit, prisma': {
      file: 'apps/gateway/src/offender.ts',
      text: "export const load = () => import('@lensgate/vision');",
    },
    'apps/web imports only packages/contracts, packages/vision': {
      file: 'apps/web/src/offender.tsx',
      text: "import '@lensgate/http-kit';",
    },
    'apps/cli imports only packages/contracts': {
      file: 'apps/cli/src/offender.ts',
      text: "import '@lensgate/http-kit';",
    },
    'apps/worker-* imports only packages/contracts, packages/worker-kit, packages/vision': {
      file: 'apps/worker-timm/src/offender.ts',
      text: "import '@lensgate/http-kit';",
    },
    'apps never import apps': { file: 'apps/gateway/src/neighbour.ts', text: "import '@lensgate/worker-timm';" },
    'sources never import testing': { file: 'apps/gateway/src/tested.ts', text: "import '@lensgate/testing';" },
    'a package is entered by its exports': {
      file: 'apps/worker-timm/src/deep.ts',
      text: "import '../../../packages/vision/src/inner.js';",
    },
    'every import is found': {
      file: 'apps/worker-timm/src/lost.ts',
      text: "import '@lensgate/vision/dist/inner.js';",
    },
    'no cycles': { file: 'packages/vision/src/cycle.ts', text: "import './way-back.js';" },
    'native code is loaded by children only': {
      file: 'packages/worker-kit/src/index.ts',
      text: "import './native.js';",
    },
    'services load no native code': { file: 'apps/worker-timm/src/native.ts', text: "import 'sharp';" },
    'children load no schemas': {
      file: 'packages/worker-kit/src/child/checks.ts',
      text: "import '@lensgate/contracts';",
    },
    'only child.ts enters the child': {
      file: 'apps/worker-timm/src/parent.ts',
      text: "import '@lensgate/worker-kit/child';",
    },
  };
  /** What the offenders need, and what keeps to the rules. */
  const innocents: Record<string, string> = {
    'packages/vision/src/way-back.ts': "import './cycle.js';",
    'packages/vision/src/inner.ts': 'export {};',
    'packages/vision/src/types-a.ts': "import type { B } from './types-b.js';\nexport type A = B | 1;",
    'packages/vision/src/types-b.ts': "import './types-a.js';\nexport type B = 2;",
    'packages/worker-kit/src/native.ts': "import 'sharp';",
    'apps/worker-timm/src/child.ts': "import '@lensgate/worker-kit/child';",
    'packages/worker-kit/src/child/types.ts': "import type { Wire } from '@lensgate/contracts';\nexport type W = Wire;",
    'apps/worker-timm/src/families.ts': "import '@lensgate/contracts';\nimport '@lensgate/vision';",
  };
  const packages = [
    'packages/contracts',
    'packages/vision',
    'packages/http-kit',
    'packages/worker-kit',
    'packages/testing',
    'prisma',
    'apps/gateway',
    'apps/cli',
    'apps/web',
    'apps/worker-timm',
  ];
  let folder: string;

  const put = async (file: string, text: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `${text}\n`);
  };

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'lensgate-rules-')));
    for (const path of packages) {
      const name = `@lensgate/${path.split('/').at(-1)}`;
      const exports = {
        '.': './dist/index.js',
        ...(path === 'packages/worker-kit' && { './child': './dist/child/index.js' }),
      };
      await put(`${path}/package.json`, JSON.stringify({ name, type: 'module', exports }));
      for (const file of Object.values(exports)) await put(`${path}/${file}`, 'export {};');
      await mkdir(join(folder, 'node_modules/@lensgate'), { recursive: true });
      await symlink(join(folder, path), join(folder, 'node_modules', name));
    }
    await put('node_modules/sharp/package.json', JSON.stringify({ name: 'sharp', main: 'index.js' }));
    await put('node_modules/sharp/index.js', 'module.exports = {};');
    for (const [file, text] of Object.entries(innocents)) await put(file, text);
    for (const { file, text } of Object.values(offenders)) await put(file, text);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('every rule has an offender here', () => {
    expect(Object.keys(offenders).sort()).toEqual(forbidden.map(({ name = '' }) => name).sort());
  });

  test('each offender is caught by its rule, and nobody else is', async () => {
    const found = violationsOf(await readImports(folder, packages));
    const expected = new Map(Object.entries(offenders).map(([rule, { file }]) => [file, rule]));
    for (const [file, rule] of expected) {
      expect(found, `${file} breaks "${rule}"`).toContainEqual(expect.objectContaining({ rule, from: file }));
    }
    expect(found.filter(({ from }) => !expected.has(from)).map(({ from }) => from)).toEqual([]);
  });
});
