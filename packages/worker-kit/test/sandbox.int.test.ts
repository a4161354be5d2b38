import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  childrenOf,
  descriptorsOf,
  detectModel,
  environmentOf,
  greyPicture,
  homesOf,
  isAlive,
  nothingLeft,
  sha256Of,
  startService,
  startWorker,
  untilBusy,
  waitFor,
} from '@lensgate/testing';
import pino from 'pino';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { childEnv } from '../dist/child-env.js';
import { launchChild } from '../dist/child-launch.js';
import { openSandbox, type SandboxOptions } from '../dist/sandbox/open-sandbox.js';
import { findProgram } from '../dist/sandbox/wrappers.js';

const searchPath = process.env.PATH ?? '';
const captive = new URL('./captive.mjs', import.meta.url);
const workerMain = join(import.meta.dirname, '../../../apps/worker-ultralytics/dist/main.js');

let folder: string;
let server: Server;
let connections = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lensgate-sandbox-'));
  await mkdir(join(folder, 'models'));
  await writeFile(join(folder, 'models/some.onnx'), 'a model');
  await writeFile(join(folder, 'models-of-others'), 'a secret');
  server = createServer(() => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const open = (options: Partial<SandboxOptions> = {}) =>
  openSandbox({
    mode: 'auto',
    entry: captive,
    modelFolders: [join(folder, 'models')],
    searchPath,
    logger: pino({ level: 'silent' }),
    ...options,
  });

// What this machine has is known before the tests are made; in a container without namespaces, say, some are skipped.
const here = await openSandbox({
  mode: 'auto',
  entry: captive,
  modelFolders: [],
  searchPath,
  logger: pino({ level: 'silent' }),
});

interface Report {
  readonly attempts: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts the captive with the launcher of children. */
async function capture(command: readonly string[]) {
  const { port } = server.address() as { port: number };
  const places = {
    port,
    secretFile: join(folder, 'models-of-others'),
    modelFile: join(folder, 'models/some.onnx'),
    newFile: join(folder, 'models/new'),
    parentPid: process.pid,
  };
  const child = launchChild({
    command: [...command, JSON.stringify(places)],
    env: childEnv({ threads: 1, logLevel: 'info' }),
  });
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  expect(stderr).toBe('');
  return { pid: child.pid ?? 0, ended, child, report: JSON.parse(value) as Report };
}

const statusOf = (pid: number, row: string) =>
  new RegExp(`^${row}:\\s+(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
const limitOf = (pid: number, row: string) =>
  new RegExp(`^${row} +(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];

describe('what is started as children are', () => {
  test.skipIf(here.state.permissions === 'open')(
    'reads models, and nothing else; writes, removes and starts nothing',
    async () => {
      const { report } = await capture((await open()).command);
      expect(report.attempts).toMatchObject({
        readModel: 'done',
        readSecret: 'ERR_ACCESS_DENIED',
        listSystem: 'ERR_ACCESS_DENIED',
        readParent: 'ERR_ACCESS_DENIED',
        write: 'ERR_ACCESS_DENIED',
        remove: 'ERR_ACCESS_DENIED',
        spawn: 'ERR_ACCESS_DENIED',
      });
      expect(existsSync(join(folder, 'models/new'))).toBe(false);
    },
  );

  test.skipIf(here.state.network === 'open')('reaches no server, not even on this machine', async () => {
    const before = connections;
    const { report } = await capture((await open()).command);
    expect(report.attempts.connect).toBe('ENETUNREACH');
    expect(connections).toBe(before);
  });

  test.skipIf(here.state.network === 'open' || here.state.limits === 'none')(
    'writes no byte and cannot look into its parent even past the permission model of Node.js',
    async () => {
      const { command } = await open();
      const { pid, report } = await capture(command.filter((argument) => !/^--(.*permission|allow-)/.test(argument)));
      expect(report.attempts).toMatchObject({
        connect: 'ENETUNREACH',
        readSecret: 'done',
        readParent: 'EACCES',
        write: 'EFBIG',
      });
      expect(readFileSync(join(folder, 'models/new'), 'utf8')).toBe('');
      await rm(join(folder, 'models/new'));
      await writeFile(join(folder, 'models/some.onnx'), 'a model');
      expect(statusOf(pid, 'NoNewPrivs')).toBe('1');
      expect(statusOf(pid, 'CapEff')).toMatch(/^0+$/);
      expect(['Max core file size', 'Max file size', 'Max open files'].map((row) => limitOf(pid, row))).toEqual([
        '1',
        '0',
        '512',
      ]);
    },
  );

  test('has nothing of the environment, and no descriptor of its parent but its pipes', async () => {
    const { pid, report } = await capture((await open()).command);
    expect(report.environment).toEqual(childEnv({ threads: 1, logLevel: 'info' }));
    expect(environmentOf(pid)).toEqual(report.environment);
    const own = /^(pipe|anon_inode|\/dev\/null$)/;
    // Standard output and error, frames and lifeline.
    expect(descriptorsOf(pid).filter((path) => !own.test(path)).length).toBe(4);
  });

  test('is the very process that was started, and ends with its lifeline', async () => {
    const { pid, child, ended } = await capture((await open()).command);
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('captive.mjs');
    expect(statusOf(pid, 'PPid')).toBe(String(process.pid));
    (child.stdio[4] as unknown as { destroy(): void }).destroy();
    expect(await ended).toEqual([0, null]);
  });

  test('is held by nothing when the sandbox is off', async () => {
    const { command, state } = await open({ mode: 'off' });
    expect(state).toEqual({
      network: 'open',
      permissions: 'open',
      privileges: 'kept',
      limits: 'none',
      reason: 'network, privileges, limits, permissions: off',
    });
    const { report } = await capture(command);
    expect(new Set(Object.values(report.attempts))).toEqual(new Set(['done']));
    await rm(join(folder, 'models/new'));
    await writeFile(join(folder, 'models/some.onnx'), 'a model');
  });
});

describe('a worker', () => {
  const model = detectModel({ names: ['사과', '포도', '배'] });
  const sha256 = sha256Of(model);

  /** A folder that stands for a PATH with these programs only; others as scripts. */
  async function pathWith(names: readonly string[], scripts: Readonly<Record<string, string>> = {}) {
    const path = await mkdtemp(join(folder, 'path-'));
    for (const name of names) await symlink(findProgram(name, searchPath) ?? '/nonexistent', join(path, name));
    for (const [name, script] of Object.entries(scripts)) {
      await writeFile(join(path, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(path, name), 0o755);
    }
    return path;
  }

  test('says what holds its children, serves, and leaves no file', async () => {
    const worker = await startWorker();
    onTestFinished(worker.close);
    expect((await worker.ready()).sandbox).toEqual(here.state);
    expect((await worker.put(model)).status).toBe(200);
    const [pid = 0] = await homesOf(worker, sha256);
    const isApart = readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync(`/proc/${worker.pid}/ns/net`);
    expect(isApart).toBe(here.state.network === 'none');
    const overlayOf = async (checkpoint: string) => {
      const { status, body } = await worker.quick(checkpoint, {
        image: await greyPicture(0),
        fields: { overlay: true },
      });
      expect(status).toBe(200);
      return 'overlay_base64' in body ? body.overlay_base64 : undefined;
    };
    const other = detectModel({ names: ['포도', '사과', '배'] });
    await worker.put(other);
    // Without a font for them, names of one length would look alike.
    const [first, second] = [await overlayOf(sha256), await overlayOf(sha256Of(other))];
    expect(first?.length).toBeGreaterThan(100);
    expect(second).not.toBe(first);
    expect(worker.otherOutput).toEqual([]);
    await worker.stop();
    expect(await worker.leftovers()).toEqual(nothingLeft);
  });

  test('decodes a large turned picture in memory, where libvips would take a temporary file', async () => {
    const worker = await startWorker();
    onTestFinished(worker.close);
    await worker.put(model);
    const background = { r: 20, g: 200, b: 90 };
    const image = await sharp({ create: { width: 6_000, height: 6_100, channels: 3, background } })
      .webp({ quality: 20, effort: 0 })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const { status, body } = await worker.quick(sha256, { image });
    expect([status, body]).toMatchObject([200, { image_width: 6_100, image_height: 6_000 }]);
  });

  test('keeps descriptors that it was left with from its children', async () => {
    const script = `exec 9</dev/zero; exec "${process.execPath}" "${workerMain}"`;
    const shell = await pathWith([], { shell: script });
    const service = spawn(join(shell, 'shell'), [], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: searchPath, PORT: '0', DATA_DIR: join(folder, 'left'), EXIT_WITH_PARENT: '1' },
    });
    const ended = once(service, 'exit');
    onTestFinished(async () => {
      service.kill('SIGTERM');
      await ended;
    });
    // Trials of the sandbox come and go before the first child, and have no environment.
    const child = await waitFor(() =>
      childrenOf(service.pid ?? 0).find((pid) => environmentOf(pid).IMAGE_THREADS !== undefined),
    );
    expect(descriptorsOf(child).filter((path) => path === '/dev/zero')).toEqual([]);
  });

  test.skipIf(here.state.reason !== null).each([
    { by: 'the system', programs: ['setpriv'], threads: 0 },
    { by: 'their watchdogs', programs: [], threads: 1 },
  ])('that is killed takes its children along, in the middle of a run: ended by $by', async ({ programs, threads }) => {
    const worker = await startWorker({ env: { PATH: await pathWith(programs) } });
    onTestFinished(worker.close);
    // It would run for minutes.
    const slow = detectModel({ brightSteps: 50_000_000 });
    expect((await worker.put(slow)).status).toBe(200);
    const [child = 0] = await homesOf(worker, sha256Of(slow));
    const cut = worker.quick(sha256Of(slow), { image: await greyPicture(255) }).catch(() => 'cut');
    await untilBusy(worker, { running: 1 });
    const argv = readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0');
    expect(argv.filter((word) => word === '--no-watchdog').length).toBe(1 - threads);
    process.kill(worker.pid, 'SIGKILL');
    await waitFor(() => !isAlive(child));
    expect(await cut).toBe('cut');
  });

  const readyWith = async (env: Record<string, string>) => {
    const worker = await startWorker({ env });
    onTestFinished(worker.close);
    return (await worker.ready()).sandbox;
  };

  test.skipIf(here.state.reason !== null)('without a program of the system says which part is missing', async () => {
    expect(await readyWith({ PATH: await pathWith(['setpriv', 'prlimit']) })).toEqual({
      ...here.state,
      network: 'open',
      reason: 'network: unshare is not installed',
    });
    expect(await readyWith({ PATH: '/nonexistent' })).toEqual({
      network: 'open',
      permissions: 'narrow',
      privileges: 'kept',
      limits: 'none',
      reason:
        'network: unshare is not installed; privileges: setpriv is not installed; limits: prlimit is not installed',
    });
  });

  test.skipIf(here.state.reason !== null)('whose system forbids namespaces says so, and serves', async () => {
    const refusal = 'echo "unshare: unshare failed: Operation not permitted" >&2; exit 1';
    const path = await pathWith(['setpriv', 'prlimit'], { unshare: refusal });
    const worker = await startWorker({ env: { PATH: path } });
    onTestFinished(worker.close);
    expect((await worker.ready()).sandbox).toMatchObject({
      network: 'open',
      limits: 'set',
      reason: 'network: user namespaces are not allowed here',
    });
    expect((await worker.put(model)).status).toBe(200);
  });

  test('that must have the sandbox and cannot does not start, and names what is missing', async () => {
    const env = { PORT: '0', DATA_DIR: join(folder, 'required'), CHILD_SANDBOX: 'required', PATH: '/nonexistent' };
    await expect(startService({ entry: workerMain, env })).rejects.toThrow(
      /CHILD_SANDBOX: required, but not to be had here: .*unshare is not installed/,
    );
  });

  test.skipIf(here.state.reason !== null)('that must have the sandbox starts where it can', async () => {
    expect(await readyWith({ CHILD_SANDBOX: 'required' })).toEqual(here.state);
  });
});
