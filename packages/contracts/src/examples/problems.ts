import { type ErrorCode, type ErrorParams, errorCodes } from '../errors.js';
import { Failure, type FailureExtras } from '../failure.js';
import { type Problem, problemOf } from '../problem.js';
import { detectorSha256 } from './results.js';

/** The parameters of each code whose words have some, as they came. */
const params = {
  MULTIPART_MALFORMED: { reason: 'the connection ended in the middle of the body' },
  FILE_MISSING: { field: 'file' },
  BODY_MALFORMED: { reason: 'Unexpected end of JSON input' },
  REQUEST_MALFORMED: { reason: 'it has no Host header' },
  SCOPE_MISSING: { scope: 'manage' },
  JOB_READ_ONLY: { job_id: 20 },
  HOST_REFUSED: { host: 'lensgate.example' },
  ROUTE_NOT_FOUND: { method: 'GET', path: '/api/v1/training' },
  JOB_NOT_FOUND: { job_id: 999 },
  CHECKPOINT_NOT_FOUND: { job_id: 20, checkpoint: 'ckpt_0' },
  MODEL_NOT_FOUND: { model: 'yolo11n' },
  HANDLE_NOT_FOUND: { image_path: 'upload_0' },
  KEY_NOT_FOUND: { key_id: 'lg_000000000000' },
  METHOD_NOT_ALLOWED: {
    path: '/api/v1/test_inference/inference/quick',
    allowed: 'POST',
    method: 'GET',
  },
  CHECKPOINT_MISSING: { job_id: 1001, model: 'yolo11n' },
  JOB_ID_TAKEN: { job_id: 1001 },
  CHECKPOINT_FILE_MISSING: { job_id: 1001, checkpoint: 'ckpt_0' },
  CHECKPOINT_NEEDED: { sha256: detectorSha256 },
  HANDLE_EXPIRED: { image_path: 'upload_02fe5bdf39e5897cae82af668375a247' },
  FILE_TOO_LARGE: { limit_bytes: 33_554_432 },
  BODY_TOO_LARGE: { limit_bytes: 268_435_456 },
  IMAGE_TOO_LARGE: { width: 20_000, height: 10_000, pixels: 200_000_000, limit_pixels: 100_000_000 },
  RESPONSE_TOO_LARGE: { bytes: 301_989_888, limit_bytes: 268_435_456, option: 'overlay' },
  MEDIA_TYPE_UNSUPPORTED: { media_type: 'text/plain', accepted: 'multipart/form-data' },
  IMAGE_UNSUPPORTED: { reason: 'The file is text. Send JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP.' },
  IMAGE_DAMAGED: { reason: 'The JPEG file is damaged or cut short. Send it again, or save it anew.' },
  FIELD_INVALID: { summary: 'confidence_threshold: Too big: expected number to be <=1' },
  FRAMEWORK_NOT_SERVED: { served: 'timm', framework: 'ultralytics' },
  DIGEST_MISMATCH: {
    actual: '216aafb1489fe46b04ebf3d43c43b74266093065721100a4ef8bd432b0acefcf',
    expected: detectorSha256,
  },
  INPUT_QUARANTINED: { seconds: 600 },
  CHECKPOINT_REFUSED: { reason: 'The checkpoint has 10 classes, the job 3 (num_classes).' },
  TASK_NOT_SERVED: {
    framework: 'timm',
    task_type: 'object_detection',
    served: '; it serves image_classification',
  },
  QUEUE_FULL: { waiting: 64, retry_after_s: 2 },
  QUOTA: { limit: 600, remaining: 3, units: 8, retry_after_s: 1 },
  UPLOADS_FULL: { bytes: 530_000_000, limit_bytes: 536_870_912, retry_after_s: 1 },
  SESSION_FULL: { session_id: 'session_0073163695dcd65ece2632f992c79012', limit: 1_000 },
  INFERENCE_FAILED: { reason: 'Non-zero status code returned while running Reshape node.' },
  WORKER_UNREACHABLE: { framework: 'ultralytics' },
  WORKER_PROTOCOL: { framework: 'ultralytics' },
  STARTING: { retry_after_s: 2 },
  DEADLINE_EXCEEDED: { timeout_ms: 5_000, phase: 'while running' },
  DEADLINE_TOO_SHORT: { cost_ms: 51, left_ms: 20 },
  MEMORY_EXHAUSTED: { needed_mb: 900, limit_mb: 512 },
  MEMORY_PINNED: { needed_mb: 900, pinned_mb: 6_200, limit_mb: 6_553, children: 3, children_max: 4 },
  STORE_FULL: { limit_bytes: 4_294_967_296 },
} as const satisfies { [C in ErrorCode as keyof ErrorParams<C> extends never ? never : C]: ErrorParams<C> };

const extras: Partial<Record<ErrorCode, FailureExtras>> = {
  FIELD_INVALID: {
    errors: [{ field: 'confidence_threshold', message: 'Too big: expected number to be <=1' }],
  },
};

const requestId = 'e0e76b70-cf29-4349-9cab-375e8c365189';

export const problemExample = (code: ErrorCode): Problem =>
  problemOf(
    new Failure(code, (params as Partial<Record<ErrorCode, Failure['params']>>)[code] ?? {}, extras[code]),
    requestId,
  );

/** A problem document of every code. */
export const problemExamples = Object.fromEntries(errorCodes.map((code) => [code, problemExample(code)])) as Record<
  ErrorCode,
  Problem
>;
