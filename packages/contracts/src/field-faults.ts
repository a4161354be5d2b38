import type { z } from 'zod';
import { type Failure, type FieldFault, fail } from './failure.js';
import { koreanMessage } from './field-words.js';
import type { Words } from './language.js';

type SaidFault = FieldFault & { readonly message: Words };

/** One failure that names every wrong field. */
export function fieldFaults(errors: readonly SaidFault[]): Failure {
  const summaryIn = (language: keyof Words) =>
    errors.map(({ field, message }) => `${field}: ${message[language]}`).join('; ');
  return fail('FIELD_INVALID', { summary: { en: summaryIn('en'), ko: summaryIn('ko') } }, { errors });
}

/** A failure over one field. */
export const fieldFault = (field: string, message: Words): Failure => fieldFaults([{ field, message }]);

/** Turns zod's issues into one failure that names every wrong field. */
export const invalidFields = (error: z.ZodError): Failure =>
  fieldFaults(
    error.issues.map((issue) => ({
      field: issue.path.join('.') || '(request)',
      message: { en: issue.message, ko: koreanMessage(issue) },
    })),
  );
