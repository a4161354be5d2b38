import { Socket } from 'node:net';
import type { ChildMessage, FrameFailure, ParentMessage } from '@lensgate/contracts';
import { Failure, fail } from '@lensgate/contracts/plain';
import pino from 'pino';
import { type Frame, FrameDecoder, writeFrame } from '../frame-codec.js';
import { canaryImage, canaryOptions } from './canary.js';
import { setImageThreads } from './decode.js';
import type { Family } from './family.js';
import { verifyDigest } from './file-digest.js';
import { ImageError } from './image-error.js';
import { doesNotRun, type LoadedModel, loadModel, withoutPaths } from './model.js';
import { type PipelineOutput, runPipeline } from './pipeline.js';
import { needsNoWatchdog, startWatchdog } from './watchdog.js';

const framesFd = 3;
const frameLimits = { headBytesMax: 64 * 2 ** 20, bodyBytesMax: 1024 * 2 ** 20 };

interface Answered {
  readonly message: DistributiveOmit<ChildMessage, 'rssBytes'>;
  readonly attachments?: readonly Uint8Array[];
  /** Writes the log line: after the answer has gone, since somebody waits for that. */
  readonly log?: () => void;
}

type LoadMessage = Extract<ParentMessage, { type: 'load' }>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** The life of a child: one checkpoint, then one picture at a time, until the parent ends it. */
export function runChild({ families }: { families: readonly Family[] }): void {
  if (!process.argv.includes(needsNoWatchdog)) startWatchdog();
  setImageThreads(Number(process.env.IMAGE_THREADS ?? 1));
  const logger = pino({
    level: process.env.LOG_LEVEL ?? 'info',
    base: { service: 'child', pid: process.pid },
    // As the parent's lines are written.
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
  const pipe = new Socket({ fd: framesFd });
  const decoder = new FrameDecoder(frameLimits);
  let model: LoadedModel | undefined;

  const send = ({ message, attachments = [], log }: Answered) => {
    writeFrame(pipe, { ...message, rssBytes: process.memoryUsage.rss() }, attachments);
    log?.();
  };

  const answer = async ({ message, attachments }: Frame): Promise<Answered> => {
    // Unchecked: what a child is told comes from the service that it is a part of, and checking takes a library.
    const request = message as ParentMessage;
    if (request.type === 'load') {
      const { loaded, ...facts } = await load(request, families);
      model = loaded;
      return {
        message: { type: 'loaded', findings: loaded.findings, warnings: [...loaded.recognized.warnings], ...facts },
      };
    }
    if (!model) throw new Error('a picture before a checkpoint');
    const startedAt = performance.now();
    const { id, requestId } = request;
    try {
      const { result, pictures, timings } = await runPipeline(model, {
        ...request,
        image: attachments[0] ?? new Uint8Array(),
      });
      refuseLargePictures(pictures, request.responseBytesMax);
      const ms = Math.round(performance.now() - startedAt);
      return {
        message: { type: 'result', id, result, timings, pictures: pictures.map(({ field }) => field) },
        attachments: pictures.map(({ bytes }) => bytes),
        log: () => logger.info({ request_id: requestId, ms, ...timings }, 'picture done'),
      };
    } catch (error) {
      const failure = failureOf(error);
      const facts = { request_id: requestId, code: failure.code };
      const log = () =>
        failure.code === 'INFERENCE_FAILED'
          ? logger.error({ ...facts, err: error }, 'picture failed')
          : logger.info(facts, 'picture failed');
      return { message: { type: 'failed', id, failure }, log };
    }
  };

  pipe.on('data', (chunk: Buffer) => {
    for (const frame of decoder.push(chunk)) {
      answer(frame).then(send, (error: unknown) => {
        const failure = refusalOf(error);
        logger.info({ code: failure.code, ...failure.params }, 'checkpoint refused');
        send({ message: { type: 'refused', failure } });
      });
    }
  });
  // The parent is gone, or has let go of this child.
  pipe.on('close', () => process.exit(0));
  send({ message: { type: 'booted' } });
}

/** Loads a checkpoint and proves it on a picture, through the whole pipeline: only then is it ready. */
async function load({ path, sha256, threads }: LoadMessage, families: readonly Family[]) {
  const startedAt = performance.now();
  verifyDigest(path, sha256);
  const loaded = await loadModel(path, families, threads);
  const loadedAt = performance.now();
  const image = await canaryImage();
  try {
    await runPipeline(loaded, { image, options: canaryOptions, hints: {}, pixelsMax: Number.MAX_SAFE_INTEGER });
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw doesNotRun(error);
  }
  return { loaded, loadMs: loadedAt - startedAt, canaryMs: performance.now() - loadedAt };
}

/** Base64 takes four bytes for three; a frame that is too large would have the child ended as one that misbehaves. */
function refuseLargePictures(pictures: PipelineOutput['pictures'], responseBytesMax: number): void {
  const base64Bytes = ({ bytes }: PipelineOutput['pictures'][number]) => Math.ceil(bytes.length / 3) * 4;
  const total = pictures.reduce((sum, picture) => sum + base64Bytes(picture), 0);
  if (total <= responseBytesMax) return;
  const overlay = pictures.find(({ field }) => field === 'overlay_base64');
  const option = overlay && base64Bytes(overlay) * 2 >= total ? 'overlay' : 'masks';
  throw fail('RESPONSE_TOO_LARGE', { bytes: total, limit_bytes: responseBytesMax, option });
}

const imageCodes = {
  UNSUPPORTED_IMAGE: 'IMAGE_UNSUPPORTED',
  IMAGE_DAMAGED: 'IMAGE_DAMAGED',
  IMAGE_TOO_LARGE: 'IMAGE_TOO_LARGE',
} as const;

function imageFailure({ code, words, details }: ImageError): FrameFailure {
  const { width = 0, height = 0, pixels = 0, limitPixels = 0 } = details;
  const params = code === 'IMAGE_TOO_LARGE' ? { width, height, pixels, limit_pixels: limitPixels } : { reason: words };
  return { code: imageCodes[code], params };
}

function failureOf(error: unknown): FrameFailure {
  if (error instanceof Failure) return { code: error.code, params: { ...error.params } };
  if (error instanceof ImageError) return imageFailure(error);
  return { code: 'INFERENCE_FAILED', params: { reason: withoutPaths(error) } };
}

function refusalOf(error: unknown): FrameFailure {
  const failure = failureOf(error);
  if (failure.code !== 'INFERENCE_FAILED') return failure;
  return { code: 'CHECKPOINT_REFUSED', params: failure.params };
}
