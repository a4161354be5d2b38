import { z } from 'zod';
import { type ErrorCode, type ErrorParams, errorCodes, errorRegistry } from './errors.js';

/** One field that is wrong. */
export const FieldError = z.object({
  field: z.string().meta({ description: 'Its name.' }),
  message: z.string().meta({ description: 'What is wrong with it.' }),
});
export type FieldError = z.infer<typeof FieldError>;

/** RFC 9457 problem document; `detail` is the sentence that front ends show. */
export const Problem = z
  .object({
    type: z.string().meta({ description: 'Where this error is explained.', example: '/docs/errors#job_not_found' }),
    title: z.string().meta({ description: 'What kind of error it is, in a few words.' }),
    status: z.int().meta({ description: 'The HTTP status.' }),
    detail: z.string().meta({ description: 'The sentence to show.' }),
    code: z.enum(errorCodes).meta({ description: 'Stable: what a program should compare.' }),
    request_id: z.string().meta({ description: 'The `X-Request-Id` of the answer; the log has it, too.' }),
    retryable: z.boolean().meta({ description: 'Whether the same request may succeed later.' }),
    params: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .optional()
      .meta({ description: 'The values that `detail` speaks of.' }),
    errors: z.array(FieldError).optional().meta({ description: 'Every field that is wrong.' }),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof Problem>;

/** What may go with a failure besides its words. */
export interface FailureExtras {
  readonly errors?: readonly FieldError[];
  readonly retryAfterS?: number;
}

/** An error that is meant for the caller: everything else becomes `INTERNAL`. */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    readonly code: ErrorCode,
    readonly params: Readonly<Record<string, string | number>>,
    readonly extras: FailureExtras = {},
  ) {
    super(detailOf(code, params));
  }

  get status(): number {
    return errorRegistry[this.code].status;
  }
}

/** Builds a failure with the parameters that its words need. */
export function fail<C extends ErrorCode>(code: C, params: ErrorParams<C>, extras: FailureExtras = {}): Failure {
  return new Failure(code, params, extras);
}

/** The sentence of a code with its parameters filled in. */
export function detailOf(code: ErrorCode, params: Readonly<Record<string, string | number>>): string {
  return errorRegistry[code].detail.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''));
}

/** The problem document of a failure. */
export function problemOf(failure: Failure, requestId: string): Problem {
  const entry = errorRegistry[failure.code];
  return {
    type: `/docs/errors#${failure.code.toLowerCase()}`,
    title: entry.title,
    status: entry.status,
    detail: failure.message,
    code: failure.code,
    request_id: requestId,
    retryable: entry.retryable,
    ...(Object.keys(failure.params).length > 0 ? { params: { ...failure.params } } : {}),
    ...(failure.extras.errors ? { errors: [...failure.extras.errors] } : {}),
  };
}

/** Turns zod's issues into one failure that names every wrong field. */
export function invalidFields(error: z.ZodError): Failure {
  const errors = error.issues.map((issue) => ({ field: issue.path.join('.') || '(request)', message: issue.message }));
  const summary = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return fail('FIELD_INVALID', { summary }, { errors });
}
