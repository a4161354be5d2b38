import type { InferenceOptions, Words } from '@lensgate/contracts';
import { defaultOptions } from '@lensgate/contracts/plain';
import type { Family } from './family.js';

/** Options that every family heeds, or that are not the child's business. */
const common: readonly (keyof InferenceOptions)[] = ['overlay', 'image_format', 'timeout_ms'];

const defaults: InferenceOptions = defaultOptions;

/** A sentence for each option that the caller has set and this family does not read: nothing is ignored silently. */
export function ignoredOptions(options: InferenceOptions, family: Family): Words[] {
  const heeded = new Set<keyof InferenceOptions>([...common, ...family.optionsRead]);
  return (Object.keys(options) as (keyof InferenceOptions)[])
    .filter((name) => !heeded.has(name) && options[name] !== undefined && options[name] !== defaults[name])
    .map((name) => ({
      en: `The option ${name} has no effect on ${family.taskType} with ${family.name} and was ignored.`,
      ko: `${name} 옵션은 ${family.name}의 ${family.taskType} 작업에 적용되지 않으므로 무시했습니다.`,
    }));
}
