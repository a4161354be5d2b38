import { z } from 'zod';
import { errorCodes, errorRegistry } from './errors.js';
import { detailOf, type Failure, wordsOf } from './failure.js';
import { inLanguage, type Language } from './language.js';

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
