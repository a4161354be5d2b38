import type { z } from 'zod';
import { type Failure, type FieldFault, fail } from './failure.js';
import { koreanMessage } from './field-words.js';
import type { Words } from './language.js';

type SaidFault = FieldFault & { readonly message: Words };

/** What is said of a request's faults is read by a person, and must not be a hundred times what was sent. */
const faultsMax = 20;
const fieldLettersMax = 200;
const messageLettersMax = 500;

/** One failure that names every wrong field, up to twenty of them. */
export function fieldFaults(all: readonly SaidFault[]): Failure {
  const errors = all.slice(0, faultsMax).map(({ field, message }) => ({
    field: shortened(field, fieldLettersMax),
    message: { en: shortened(message.en, messageLettersMax), ko: shortened(message.ko, messageLettersMax) },
  }));
  const more = all.length - errors.length;
  if (more > 0)
    errors.push({
      field: '(request)',
      message: { en: `${more} more faults`, ko: `그 밖에 오류가 ${more}개 더 있습니다` },
    });
  const summaryIn = (language: keyof Words) =>
    errors.map(({ field, message }) => `${field}: ${message[language]}`).join('; ');
  return fail('FIELD_INVALID', { summary: { en: summaryIn('en'), ko: summaryIn('ko') } }, { errors });
}

const shortened = (text: string, lettersMax: number): string =>
  text.length <= lettersMax ? text : `${text.slice(0, lettersMax).replace(/[\ud800-\udbff]$/, '')}…`;

/** A failure over one field. */
export const fieldFault = (field: string, message: Words): Failure => fieldFaults([{ field, message }]);

/** Turns zod's issues into one failure that names the wrong fields. */
export const invalidFields = (error: z.ZodError): Failure =>
  fieldFaults(
    error.issues.map((issue) => ({
      field: issue.path.join('.') || '(request)',
      message: { en: issue.message, ko: koreanMessage(issue) },
    })),
  );
