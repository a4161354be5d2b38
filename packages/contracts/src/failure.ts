import { type ErrorCode, type ErrorParams, errorRegistry } from './errors.js';
import { koreanErrors } from './errors-ko.js';
import { inLanguage, type Language, type Sayable, type Words } from './language.js';

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
