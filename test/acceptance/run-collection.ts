import { createReadStream, type Stats, stat } from 'node:fs';
import { resolve } from 'node:path';
import sdk from 'postman-collection';
import runtime from 'postman-runtime';

/** What a run of a Postman collection has shown. */
export interface CollectionRun {
  /** The requests that were answered, in their order, by name, with what came. */
  readonly answers: readonly { readonly name: string; readonly text: string }[];
  /** Tests that ran, failed ones included. */
  readonly assertions: number;
  /** Failed tests and everything else that went wrong, in words. */
  readonly failures: readonly string[];
}

/**
 * Runs a collection once from top to bottom by Postman's own runtime, which is what the app and newman run as well.
 * @param folder that files are named from, as Postman's working directory
 */
export function runCollection(
  definition: object,
  { variables, folder }: { variables: Readonly<Record<string, string>>; folder: string },
): Promise<CollectionRun> {
  const collection = new sdk.Collection(definition);
  for (const [name, value] of Object.entries(variables)) collection.variables.upsert({ key: name, value });
  const answers: CollectionRun['answers'][number][] = [];
  const failures: string[] = [];
  let assertions = 0;
  const note = (error: Error | null, where: string) => {
    if (error) failures.push(`${where}: ${error.message}`);
  };
  const fileResolver = {
    stat: (path: string, done: (error: Error | null, stats: Stats) => void) => stat(resolve(folder, path), done),
    createReadStream: (path: string) => createReadStream(resolve(folder, path)),
  };
  return new Promise((fulfil, reject) => {
    new runtime.Runner().run(collection, { fileResolver, timeout: { request: 60_000 } }, (failed, run) => {
      if (failed) return reject(failed);
      run.start({
        assertion: (_cursor, results) => {
          assertions += results.length;
          for (const { passed, name, error } of results) if (!passed) failures.push(`${name}: ${error?.message ?? ''}`);
        },
        response: (error, _cursor, answer, _request, item) => {
          answers.push({ name: item.name, text: answer?.text() ?? '' });
          note(error, item.name);
          const problem = answer && answer.code >= 300 ? answer.text() : '';
          if (problem) failures.push(`${item.name}: ${problem}`);
        },
        script: (error, _cursor, _result, _script, _event, item) => note(error, item.name),
        exception: (_cursor, error) => note(error, 'exception'),
        error: (error) => note(error, 'run'),
        done: (error) => (error ? reject(error) : fulfil({ answers, assertions, failures })),
      });
    });
  });
}
