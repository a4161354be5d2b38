import { connect, type Socket } from 'node:net';
import {
  childLinesOf,
  closeConnections,
  detectModel,
  greyPicture,
  type Random,
  requestBytes,
  type Stack,
  type StartedWorker,
  seededRandom,
  sha256Of,
  startStack,
  untilIdle,
  untilLogged,
  waitFor,
} from '@lensgate/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobOf } from './load/demo.js';
import type { Target } from './load/load.js';
import { inFlightOf } from './load/services.js';
import { gatewayTarget, workerTarget } from './load/targets.js';
import { counted, report } from './report.js';
import { scale } from './scale.js';

const abortCount = 500;
const sideBySide = 24;
const slots = 2;
/** A white picture takes some hundredths of a second, so that most requests wait when they are aborted. */
const model = detectModel({ brightSteps: 10_000 });
/** Some seconds: none of them is done while a row of clients leaves. */
const slowModel = detectModel({ brightSteps: 400_000 });
let stack: Stack;
let worker: StartedWorker;
let white: Buffer;
let doors: Record<'worker' | 'gateway', { busy: Target; slow: Target; servers: { url: string }[] }>;

beforeAll(async () => {
  white = await greyPicture(255);
  stack = await startStack({ workerEnv: { WORKER_CPUS: String(slots), QUEUE_MAX: '64' } });
  const { gateway, workers } = stack;
  worker = workers.get('ultralytics')!;
  const [busyJob, slowJob] = [await jobOf(gateway, model), await jobOf(gateway, slowModel)];
  const atWorker = (file: Buffer) => workerTarget(worker, { sha256: sha256Of(file), image: white });
  const atGateway = (jobId: number) => gatewayTarget(gateway, { jobId, image: white });
  doors = {
    worker: { busy: atWorker(model), slow: atWorker(slowModel), servers: [worker] },
    gateway: { busy: atGateway(busyJob), slow: atGateway(slowJob), servers: [gateway, worker] },
  };
});
afterAll(async () => {
  await stack.close();
  await closeConnections();
});

const bytesOf = ({ url, headers, body }: Target, requestId: string) =>
  requestBytes('POST', url, { headers: { ...headers, 'x-request-id': requestId }, body });

async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) }).on('error', () => {});
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return socket;
}

/** A first request on the connection, with its answer: the next one comes over a connection that is kept alive. */
async function warmUp(socket: Socket, url: string): Promise<void> {
  socket.write(requestBytes('GET', new URL('/health', url).href));
  await new Promise<void>((resolve) => socket.once('data', () => resolve()));
}

/** One client that leaves at some moment: while it sends, while its work waits or runs, or after its answer. */
async function leaveSomewhere(target: Target, requestId: string, random: Random): Promise<void> {
  const socket = await connectTo(target.url);
  if (random.next() < 0.5) await warmUp(socket, target.url);
  const bytes = bytesOf(target, requestId);
  const sends = random.next() < 0.3 ? random.below(bytes.length) : bytes.length;
  const leavesAfterMs = random.next() * 300;
  socket.write(bytes.subarray(0, sends));
  await new Promise((resolve) => setTimeout(resolve, leavesAfterMs));
  socket.destroy();
}

describe.each(['worker', 'gateway'] as const)('at the %s', (door) => {
  test(`${abortCount} clients that leave at random moments leave nothing in flight`, async () => {
    const { busy, servers } = doors[door];
    const random = seededRandom(scale.seed);
    let left = abortCount;
    const client = async () => {
      while (left > 0) {
        left -= 1;
        await leaveSomewhere(busy, `leaves-${door}-${left}`, random);
      }
    };
    await Promise.all(Array.from({ length: sideBySide }, client));
    const lastLeftAtMs = Date.now();
    await untilIdle(worker);
    for (const server of servers)
      await waitFor(async () => (await inFlightOf(server)) === 0, { what: 'the end of all requests' });
    await untilLogged(worker);
    const doneLater = worker.logs.filter(
      ({ msg, request_id, time }) =>
        msg === 'picture done' &&
        String(request_id).startsWith(`leaves-${door}-`) &&
        Date.parse(String(time)) > lastLeftAtMs,
    );
    // What the last clients to leave had sent, at the most: nothing of the hundreds before them.
    expect(doneLater.length).toBeLessThanOrEqual(sideBySide);
    const statuses = worker.logs
      .filter(({ msg, request_id }) => msg === 'request' && String(request_id).startsWith(`leaves-${door}-`))
      .map(({ status }) => Number(status));
    report({
      part: 'load',
      fault: 'clients that leave',
      how: `at random moments of their requests, at the ${door}, half of them on connections that were used before`,
      times: abortCount,
      outcome: `nothing in flight afterwards; ${doneLater.length} pictures done after the last had left; the worker logged ${counted(statuses)}`,
    });
  });

  test('of a row of clients that leave together only the work that ran is done', async () => {
    const { slow } = doors[door];
    const waiting = 20;
    const ids = Array.from({ length: slots + waiting }, (_, index) => `row-${door}-${index}`);
    const sockets: Socket[] = [];
    for (const id of ids) {
      const socket = await connectTo(slow.url);
      sockets.push(socket.resume());
      socket.write(bytesOf(slow, id));
    }
    await waitFor(
      async () => {
        const { in_flight, queued } = await worker.ready();
        return in_flight + queued === ids.length && in_flight > 0;
      },
      { what: 'the arrival of the whole row' },
    );
    for (const socket of sockets) socket.destroy();
    await untilIdle(worker);
    await untilLogged(worker);
    const done = ids.filter((id) => childLinesOf(worker, id).length > 0);
    expect(done.length).toBeLessThanOrEqual(slots);
    report({
      part: 'load',
      fault: 'clients that leave',
      how: `a row of them together at the ${door}, ${slots} slots`,
      times: ids.length,
      outcome: `${done.length} pictures done, nothing in flight afterwards`,
    });
  });
});
