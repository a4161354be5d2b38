import { jsonMetadata, type OnnxFacts } from '@lensgate/worker-kit/family';

type Json = Readonly<Record<string, unknown>>;

const asObject = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

const read = (facts: Pick<OnnxFacts, 'metadata'>, name: string): Json | undefined =>
  asObject(jsonMetadata(facts.metadata, `${name}.json`)) ?? asObject(jsonMetadata(facts.metadata, name));

/** `config.json` of the model's folder, kept in the checkpoint's metadata. */
export const readModelConfig = (facts: Pick<OnnxFacts, 'metadata'>): Json | undefined => read(facts, 'config');

/** `preprocessor_config.json`, or the `image_processor` part of the newer `processor_config.json`. */
export function readProcessorConfig(facts: Pick<OnnxFacts, 'metadata'>): Json | undefined {
  return read(facts, 'preprocessor_config') ?? asObject(read(facts, 'processor_config')?.image_processor);
}
