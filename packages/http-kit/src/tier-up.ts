import { setFlagsFromString } from 'node:v8';

/**
 * Flags after which V8 compiles a function well after tens of runs instead of hundreds or thousands.
 *
 * By itself V8 waits until a function has run for as long as in a tight loop. What serves a request runs once for each, so
 * a service would spend its first thousands of requests in code that looks up every property anew, on caches that the
 * models have just emptied. Node.js 20 counts bytecode (V8 11, `--interrupt-budget`), later ones count calls and compile
 * with Maglev in between; TurboFan is left alone there, since its work would take the cores from the models.
 * docs/adr/0012-compile-sooner.md has the figures.
 */
export function tierUpFlags(v8Version: string = process.versions.v8): readonly string[] {
  return Number.parseInt(v8Version, 10) < 12
    ? ['--interrupt-budget=4000']
    : ['--invocation-count-for-maglev=50', '--minimum-invocations-after-ic-update=50'];
}

/** Sets `tierUpFlags` for this process. */
export const optimizeSoon = (): void => {
  for (const flag of tierUpFlags()) setFlagsFromString(flag);
};
