import type { Sayable } from './language.js';

/** One entry of the registry: the HTTP status, a short title, whether the same request may succeed later, and the words. */
interface ErrorEntry {
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
  /** `{name}` is replaced by the parameter of that name. */
  readonly detail: string;
}

/**
 * Every error that Lensgate answers, by its stable code. Gateway and workers share it; `docs/errors.md` has a paragraph
 * for each, and a test compares the two both ways.
 */
export const errorRegistry = {
  BOUNDARY_MISSING: {
    status: 400,
    title: 'No multipart boundary',
    retryable: false,
    detail:
      'The Content-Type says multipart/form-data but names no boundary. Let your HTTP client set this header itself.',
  },
  MULTIPART_MALFORMED: {
    status: 400,
    title: 'Malformed multipart body',
    retryable: false,
    detail: 'The multipart body could not be read: {reason}.',
  },
  FILE_MISSING: {
    status: 400,
    title: 'No file',
    retryable: false,
    detail: 'The request has no file in the field "{field}".',
  },
  BODY_MALFORMED: {
    status: 400,
    title: 'Malformed body',
    retryable: false,
    detail: 'The body could not be read: {reason}.',
  },
  REQUEST_MALFORMED: {
    status: 400,
    title: 'Malformed request',
    retryable: false,
    detail: 'This is not a readable HTTP request: {reason}.',
  },
  KEY_REQUIRED: {
    status: 401,
    title: 'No valid key',
    retryable: false,
    detail: 'Send a valid key as "Authorization: Bearer …".',
  },
  SCOPE_MISSING: {
    status: 403,
    title: 'Not allowed with this key',
    retryable: false,
    detail: 'This key lacks the scope "{scope}".',
  },
  JOB_READ_ONLY: {
    status: 403,
    title: 'Job of nobody',
    retryable: false,
    detail: 'The training job {job_id} belongs to no owner: every key may use it, only the admin key may change it.',
  },
  ORIGIN_REFUSED: {
    status: 403,
    title: 'Foreign origin',
    retryable: false,
    detail:
      'Requests that a web page of another origin sends are refused. Add the origin to ALLOWED_ORIGINS to admit it.',
  },
  HOST_REFUSED: {
    status: 403,
    title: 'Unknown host name',
    retryable: false,
    detail: 'The Host header "{host}" is not a name of this service. Add it to ALLOWED_HOSTS to admit it.',
  },
  ROUTE_NOT_FOUND: { status: 404, title: 'No such route', retryable: false, detail: 'There is no {method} {path}.' },
  JOB_NOT_FOUND: {
    status: 404,
    title: 'Unknown training job',
    retryable: false,
    detail: 'There is no training job {job_id}.',
  },
  CHECKPOINT_NOT_FOUND: {
    status: 404,
    title: 'Unknown checkpoint',
    retryable: false,
    detail: 'The training job {job_id} has no checkpoint "{checkpoint}".',
  },
  MODEL_NOT_FOUND: {
    status: 404,
    title: 'Unknown model',
    retryable: false,
    detail: 'This worker has no model "{model}".',
  },
  HANDLE_NOT_FOUND: {
    status: 404,
    title: 'Unknown handle',
    retryable: false,
    detail: 'There is no uploaded picture under the handle "{image_path}", or it is of another session.',
  },
  KEY_NOT_FOUND: {
    status: 404,
    title: 'Unknown key',
    retryable: false,
    detail: 'There is no key {key_id}.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method not allowed',
    retryable: false,
    detail: '{path} answers {allowed}, not {method}.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request too slow',
    retryable: true,
    detail: 'The request was not sent completely within the time allowed.',
  },
  CHECKPOINT_MISSING: {
    status: 409,
    title: 'No usable checkpoint',
    retryable: false,
    detail:
      'The training job {job_id} has no usable checkpoint yet, and no model named "{model}" is built in. Upload one.',
  },
  CHECKPOINT_FILE_MISSING: {
    status: 409,
    title: 'Checkpoint file missing',
    retryable: false,
    detail:
      'The file of the checkpoint "{checkpoint}" of the training job {job_id} is not in the store of the gateway that answered. Upload the same file to the job again.',
  },
  JOB_ID_TAKEN: {
    status: 409,
    title: 'Id taken',
    retryable: false,
    detail: 'The id {job_id} is taken by a training job that this key cannot replace. Choose another id.',
  },
  CHECKPOINT_NEEDED: {
    status: 409,
    title: 'Checkpoint needed',
    retryable: true,
    detail: 'This worker does not hold the checkpoint {sha256}. Send it with PUT /checkpoints/{sha256}, then repeat.',
  },
  HANDLE_EXPIRED: {
    status: 410,
    title: 'Handle expired',
    retryable: false,
    detail: 'The uploaded picture under the handle "{image_path}" is no longer kept. Upload it again.',
  },
  FILE_TOO_LARGE: {
    status: 413,
    title: 'File too large',
    retryable: false,
    detail: 'The file is larger than the limit of {limit_bytes} bytes.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'Body too large',
    retryable: false,
    detail: 'The body is larger than the limit of {limit_bytes} bytes.',
  },
  IMAGE_TOO_LARGE: {
    status: 413,
    title: 'Too many pixels',
    retryable: false,
    detail: 'The picture has {width}×{height} = {pixels} pixels; the limit is {limit_pixels}.',
  },
  RESPONSE_TOO_LARGE: {
    status: 413,
    title: 'Answer too large',
    retryable: false,
    detail:
      'The answer would have {bytes} bytes; the limit is {limit_bytes}. Turn off "{option}" or lower max_detections.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'Unsupported body type',
    retryable: false,
    detail: 'A body of type "{media_type}" is not accepted here; send {accepted}.',
  },
  IMAGE_UNSUPPORTED: {
    status: 415,
    title: 'Not a supported picture',
    retryable: false,
    detail: '{reason}',
  },
  IMAGE_DAMAGED: {
    status: 415,
    title: 'Damaged picture',
    retryable: false,
    detail: 'The picture cannot be decoded completely: {reason}',
  },
  FIELD_INVALID: {
    status: 422,
    title: 'Invalid fields',
    retryable: false,
    detail: '{summary}',
  },
  FRAMEWORK_NOT_SERVED: {
    status: 422,
    title: 'Framework not served here',
    retryable: false,
    detail: 'This worker serves {served}, not "{framework}".',
  },
  DIGEST_MISMATCH: {
    status: 422,
    title: 'Digest mismatch',
    retryable: true,
    detail:
      'The bytes received have the SHA-256 {actual}, not {expected}: they were damaged on the way, or are another file.',
  },
  INPUT_QUARANTINED: {
    status: 422,
    title: 'Input refused',
    retryable: false,
    detail: 'This picture has ended two processes of this checkpoint and is refused for {seconds} seconds.',
  },
  CHECKPOINT_REFUSED: {
    status: 424,
    title: 'Checkpoint cannot be run',
    retryable: false,
    detail: '{reason}',
  },
  TASK_NOT_SERVED: {
    status: 424,
    title: 'Task not served',
    retryable: false,
    detail: 'The {framework} worker does not serve {task_type}{served}.',
  },
  QUEUE_FULL: {
    status: 429,
    title: 'Overloaded',
    retryable: true,
    detail: 'Too much is waiting ({waiting}). Repeat in {retry_after_s} s.',
  },
  QUOTA: {
    status: 429,
    title: 'Quota used up',
    retryable: true,
    detail:
      'This key may send {limit} requests a minute and has {remaining} left; this one needs {units}. Repeat in {retry_after_s} s.',
  },
  UPLOADS_FULL: {
    status: 429,
    title: 'Too many uploads',
    retryable: true,
    detail: 'Uploads of {bytes} bytes are in flight; the limit is {limit_bytes}. Repeat in {retry_after_s} s.',
  },
  SESSION_FULL: {
    status: 429,
    title: 'Session full',
    retryable: false,
    detail: 'The session "{session_id}" has {limit} pictures, as many as one may have. Delete it, or use another.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'Headers too large',
    retryable: false,
    detail: 'The headers of the request are too large.',
  },
  INTERNAL: {
    status: 500,
    title: 'Internal error',
    retryable: true,
    detail: 'Something went wrong on our side. The log has it under the request id.',
  },
  INFERENCE_FAILED: {
    status: 500,
    title: 'Inference failed',
    retryable: false,
    detail: 'Inference failed: {reason}',
  },
  CHILD_CRASHED: {
    status: 500,
    title: 'Inference process ended',
    retryable: true,
    detail: 'Inference failed: the process that ran this checkpoint ended unexpectedly. Repeat the request.',
  },
  WORKER_UNREACHABLE: {
    status: 502,
    title: 'Worker unreachable',
    retryable: true,
    detail: 'The {framework} worker cannot be reached.',
  },
  WORKER_PROTOCOL: {
    status: 502,
    title: 'Unreadable worker answer',
    retryable: true,
    detail: 'The {framework} worker gave an answer that cannot be read.',
  },
  STARTING: {
    status: 503,
    title: 'Starting',
    retryable: true,
    detail: 'The service is starting. Repeat in {retry_after_s} s.',
  },
  DRAINING: {
    status: 503,
    title: 'Shutting down',
    retryable: true,
    detail: 'The service is shutting down and takes no new work.',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    title: 'Database unavailable',
    retryable: true,
    detail: 'The database cannot be reached.',
  },
  DEADLINE_EXCEEDED: {
    status: 504,
    title: 'Deadline passed',
    retryable: true,
    detail: 'No answer within {timeout_ms} ms ({phase}).',
  },
  DEADLINE_TOO_SHORT: {
    status: 504,
    title: 'Deadline too short',
    retryable: false,
    detail: 'This model takes about {cost_ms} ms; the {left_ms} ms left are not enough.',
  },
  MEMORY_EXHAUSTED: {
    status: 507,
    title: 'Not enough memory',
    retryable: false,
    detail: 'The model needs about {needed_mb} MB; this worker may use {limit_mb} MB.',
  },
  MEMORY_PINNED: {
    status: 507,
    title: 'Memory taken by pinned checkpoints',
    retryable: true,
    detail:
      'The model needs about {needed_mb} MB; pinned checkpoints hold {pinned_mb} of {limit_mb} MB in {children} of {children_max} processes. Unload or unpin one.',
  },
  STORE_FULL: {
    status: 507,
    title: 'Upload store full',
    retryable: true,
    detail:
      'Uploaded pictures may take {limit_bytes} bytes together. Delete sessions, or repeat when others have expired.',
  },
  DISK_FULL: {
    status: 507,
    title: 'Disk full',
    retryable: true,
    detail: 'What you sent could not be kept: the disk of this service is full.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorRegistry;

export const errorCodes = Object.keys(errorRegistry) as [ErrorCode, ...ErrorCode[]];

type Placeholder<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

/** The parameters that the words of a code need. */
export type ErrorParams<C extends ErrorCode> = Record<Placeholder<(typeof errorRegistry)[C]['detail']>, Sayable>;
