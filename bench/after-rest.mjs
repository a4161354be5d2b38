// What a rest costs those who come after it: the processor time that gateway and worker take for a request just after some
// seconds without any, next to that before. It is the services' own: children, whose models take most of a request, do not
// count.
import { setTimeout as rest } from 'node:timers/promises';
import { cpuTicksOf, startStack } from '@lensgate/testing';
import { frameSize, jpegOf } from './lib/pictures.mjs';
import { rounded } from './lib/statistics.mjs';

const jobId = 20;
const warmUpRequests = 1_000;
const requests = 200;
/** V8 waits for 8 seconds, and for 8 more as long as it takes the process to be busy. */
const restMs = 30_000;
const msPerTick = 10;

/** Processor time of the services for a request, ms, before and after a rest, and its ratio. */
export async function afterRest() {
  const image = await jpegOf(frameSize);
  const stack = await startStack({ frameworks: ['ultralytics'] });
  try {
    const { gateway, workers } = stack;
    const ask = async (/** @type {number} */ count) => {
      for (let i = 0; i < count; i++) {
        const { status, body } = await gateway.quick(jobId, { image, fields: { overlay: 'false' } });
        if (status !== 200) throw new Error(JSON.stringify(body));
      }
    };
    const ticks = () => [gateway, ...workers.values()].reduce((sum, { pid }) => sum + cpuTicksOf(pid), 0);
    const processorMs = async () => {
      const before = ticks();
      await ask(requests);
      return ((ticks() - before) * msPerTick) / requests;
    };
    await ask(warmUpRequests);
    const before = await processorMs();
    await rest(restMs);
    const after = await processorMs();
    return {
      name: `processor time of gateway and worker for a request: after ${restMs / 1000} s of rest / before, 1920×1080 JPEG`,
      ratio: rounded(after / before),
      before_ms: rounded(before),
      after_ms: rounded(after),
    };
  } finally {
    await stack.close();
  }
}
