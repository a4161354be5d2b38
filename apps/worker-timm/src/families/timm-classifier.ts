import { timmInput, toChw } from '@lensgate/vision';
import {
  type Activation,
  confirmClasses,
  defineFamily,
  outputNamed,
  predictedClasses,
  type Recognition,
  readPictureInput,
} from '@lensgate/worker-kit/family';
import { readPretrainedCfg, type TimmConfig } from '../pretrained-cfg.js';

interface Spec {
  readonly inputName: string;
  readonly outputName: string;
  readonly config: TimmConfig;
  readonly activation: Activation;
}

/** Classification as timm exports it: one picture [n, 3, height, width] in, raw logits [n, classes] out. */
export const timmClassifier = defineFamily<Spec, null>({
  name: 'timm-classifier',
  taskType: 'image_classification',
  optionsRead: ['top_k'],

  recognize(facts): Recognition<Spec> | null {
    const [output, ...others] = facts.outputs;
    if (!output || others.length > 0 || (output.shape && output.shape.length !== 2)) return null;
    const input = readPictureInput(facts);
    if ('refusal' in input) return input;
    const config = readPretrainedCfg(facts, input.size);
    if ('refusal' in config) return config;
    return {
      spec: { inputName: input.name, outputName: output.name, config, activation: 'softmax' },
      inputWidth: config.width,
      inputHeight: config.height,
      classCount: config.labelNames?.length ?? null,
      classNames: config.labelNames,
      warnings: config.warnings,
    };
  },

  confirm(recognized, outputs): Recognition<Spec> {
    const { spec, classNames } = recognized;
    const confirmed = confirmClasses(outputNamed(outputs, spec.outputName), classNames);
    if ('refusal' in confirmed) return confirmed;
    const activation = confirmed.isDistribution ? 'none' : 'softmax';
    return { ...recognized, classCount: confirmed.classCount, spec: { ...spec, activation } };
  },

  preprocess(image, { inputName, config }) {
    const { width, height, mean, std } = config;
    const data = toChw(timmInput(image, config), { mean, std });
    return { feeds: { [inputName]: { type: 'float32', data, dims: [1, 3, height, width] } }, context: null };
  },

  postprocess({ outputs, spec, options, labelOf }) {
    const scores = outputNamed(outputs, spec.outputName).data as Float32Array;
    const predictions = predictedClasses(scores, { activation: spec.activation, countMax: options.top_k, labelOf });
    return { kind: 'classes', predictions };
  },
});
