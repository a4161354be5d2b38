/** One request as a caller would send it. Files are written as curl takes them: `@` and a path of this repository. */
export interface RequestExample {
  readonly summary: string;
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly mediaType: string; readonly value: unknown };
}

/** One answer as it came; long texts are cut, and end in `…`. */
export interface ReplyExample {
  readonly summary: string;
  readonly status: number;
  /** Default: application/json. */
  readonly mediaType?: string;
  readonly value: unknown;
}

/** Examples of one operation, by names that are unique within it. */
export interface RouteExamples {
  readonly requests: Readonly<Record<string, RequestExample>>;
  readonly replies: Readonly<Record<string, ReplyExample>>;
}

export const form = (value: unknown) => ({ mediaType: 'multipart/form-data', value });
export const json = (value: unknown) => ({ mediaType: 'application/json', value });

/** The answer of an operation that has but one. */
export const done = (value: unknown, status = 200): RouteExamples['replies'] => ({
  done: { summary: 'Done', status, value },
});
