/** The little of Postman's packages that is used here; they come without types. */
declare module 'postman-collection' {
  export class Collection {
    constructor(definition: object);
    readonly variables: { upsert(variable: { key: string; value: string }): void };
  }
  const sdk: { Collection: typeof Collection };
  export default sdk;
}

declare module 'postman-runtime' {
  import type { Collection } from 'postman-collection';

  type Failed = Error | null;
  interface Item {
    readonly name: string;
  }
  interface Assertion {
    readonly name: string;
    readonly passed: boolean;
    readonly error?: Error;
  }
  interface Callbacks {
    assertion(cursor: object, results: readonly Assertion[]): void;
    response(
      error: Failed,
      cursor: object,
      answer: { code: number; text(): string } | undefined,
      request: object,
      item: Item,
    ): void;
    script(error: Failed, cursor: object, result: object, script: object, event: object, item: Item): void;
    exception(cursor: object, error: Failed): void;
    error(error: Failed): void;
    done(error: Failed): void;
  }
  interface Run {
    start(callbacks: Callbacks): void;
  }
  class Runner {
    run(collection: Collection, options: object, ready: (error: Failed, run: Run) => void): void;
  }
  const runtime: { Runner: typeof Runner };
  export default runtime;
}
