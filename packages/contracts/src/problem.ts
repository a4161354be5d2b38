import { z } from 'zod';
import { type ErrorCode, type ErrorParams, errorCodes, errorRegistry } from './errors.js';
import { koreanErrors } from './errors-ko.js';
import { inLanguage, type Language, type Sayable, type Words } from './language.js';

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

/** One field that is wrong, before it is known in which language it is said. */
export interface FieldFault {
  readonly field: string;
  readonly message: string | Words;
}

/** What may go with a failure besides its words. */
export interface FailureExtras {
  readonly errors?: readonly FieldFault[];
  readonly retryAfterS?: number;
}

type Params = Readonly<Record<string, Sayable>>;

/** An error that is meant for the caller: everything else becomes `INTERNAL`. */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    readonly code: ErrorCode,
    readonly params: Params,
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

/** The title and the sentence of a code, parameters still in braces. */
export const wordsOf = (code: ErrorCode, language: Language): { readonly title: string; readonly detail: string } =>
  language === 'ko' ? koreanErrors[code] : errorRegistry[code];

/** The sentence of a code with its parameters filled in. */
export function detailOf(code: ErrorCode, params: Params, language: Language = 'en'): string {
  const said = (name: string) => String(inLanguage(params[name] ?? '', language));
  return wordsOf(code, language).detail.replaceAll(/\{(\w+)\}/g, (_, name: string) => said(name));
}

/** The problem document of a failure. Only what is for people follows the language: title, detail, messages of fields. */
export function problemOf(failure: Failure, requestId: string, language: Language = 'en'): Problem {
  const { code, params, extras } = failure;
  const values = Object.entries(params).map(([name, value]) => [name, inLanguage(value, 'en')] as const);
  return {
    type: `/docs/errors#${code.toLowerCase()}`,
    title: wordsOf(code, language).title,
    status: failure.status,
    detail: detailOf(code, params, language),
    code,
    request_id: requestId,
    retryable: errorRegistry[code].retryable,
    ...(values.length > 0 ? { params: Object.fromEntries(values) } : {}),
    ...(extras.errors
      ? {
          errors: extras.errors.map(({ field, message }) => ({
            field,
            message: String(inLanguage(message, language)),
          })),
        }
      : {}),
  };
}
