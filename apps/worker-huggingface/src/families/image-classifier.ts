import {
  type Activation,
  confirmClasses,
  defineFamily,
  outputNamed,
  type PictureInput,
  predictedClasses,
  type Recognition,
  readPictureInput,
  type Words,
} from '@lensgate/worker-kit/family';
import { type ImageProcessor, outputSize, processImage, readImageProcessor } from '../image-processor.js';
import { readModelConfig, readProcessorConfig } from '../json-files.js';

interface Spec {
  readonly inputName: string;
  readonly outputName: string;
  readonly processor: ImageProcessor;
  readonly activation: Activation;
}

const noProcessorConfig = {
  en: 'The checkpoint comes without its preprocessor_config.json. Send it with the model: as a field of the upload, or in one zip.',
  ko: '체크포인트에 preprocessor_config.json이 없습니다. 업로드의 필드로 보내거나 모델과 함께 zip 하나로 묶어 보내세요.',
};
const noConfig = {
  en: 'The checkpoint comes without its config.json: it names no classes.',
  ko: '체크포인트에 config.json이 없어 클래스 이름을 알 수 없습니다.',
};

/** Image classification as optimum exports it: `pixel_values` [n, 3, height, width] in, `logits` [n, classes] out. */
export const imageClassifier = defineFamily<Spec, null>({
  name: 'hf-image-classifier',
  taskType: 'image_classification',
  optionsRead: ['top_k'],

  recognize(facts): Recognition<Spec> | null {
    const [output, ...others] = facts.outputs;
    if (!output || others.length > 0 || (output.shape && output.shape.length !== 2)) return null;
    const input = readPictureInput(facts);
    if ('refusal' in input) return input;
    const processorConfig = readProcessorConfig(facts);
    if (!processorConfig) {
      return { refusal: noProcessorConfig };
    }
    const processor = readImageProcessor(processorConfig);
    if ('refusal' in processor) return processor;
    const misfit = misfitOf(input, processor);
    if (misfit) return { refusal: misfit };
    const config = readModelConfig(facts);
    const classNames = labelsOf(config?.id2label);
    const size = outputSize(processor);
    const activation = config?.problem_type === 'multi_label_classification' ? 'sigmoid' : 'softmax';
    return {
      spec: { inputName: input.name, outputName: output.name, processor, activation },
      inputWidth: size?.width ?? null,
      inputHeight: size?.height ?? null,
      classCount: classNames?.length ?? null,
      classNames,
      warnings: [...processor.warnings, ...(config ? [] : [noConfig])],
    };
  },

  confirm(recognized, outputs): Recognition<Spec> {
    const { spec, classNames } = recognized;
    const confirmed = confirmClasses(outputNamed(outputs, spec.outputName), classNames);
    if ('refusal' in confirmed) return confirmed;
    // Of one class softmax makes 1, whatever the logit: as transformers' pipeline, that one gets a sigmoid.
    const wanted = confirmed.classCount === 1 ? 'sigmoid' : spec.activation;
    const activation = wanted === 'softmax' && confirmed.isDistribution ? 'none' : wanted;
    return { ...recognized, classCount: confirmed.classCount, spec: { ...spec, activation } };
  },

  preprocess(image, { inputName, processor }) {
    return { feeds: { [inputName]: { type: 'float32', ...processImage(image, processor) } }, context: null };
  },

  postprocess({ outputs, spec, options, labelOf }) {
    const scores = outputNamed(outputs, spec.outputName).data as Float32Array;
    const predictions = predictedClasses(scores, { activation: spec.activation, countMax: options.top_k, labelOf });
    return { kind: 'classes', predictions };
  },
});

/** Why the graph's input cannot take what the processor makes. */
function misfitOf({ size: taken }: PictureInput, processor: ImageProcessor): Words | null {
  const made = outputSize(processor);
  if (!taken || (made?.height === taken.height && made.width === taken.width)) return null;
  const wanted = `${taken.width}×${taken.height}`;
  return made
    ? {
        en: `preprocessor_config.json makes ${made.width}×${made.height} px, the model takes ${wanted} px.`,
        ko: `preprocessor_config.json의 결과는 ${made.width}×${made.height}px인데 모델의 입력은 ${wanted}px입니다.`,
      }
    : {
        en: `preprocessor_config.json makes pictures of the upload's proportions, the model takes ${wanted} px.`,
        ko: `preprocessor_config.json의 결과는 올린 이미지의 비율을 따르는데 모델의 입력은 ${wanted}px입니다.`,
      };
}

/** `{"0": "cat", "1": "dog"}` as a list by id. */
function labelsOf(id2label: unknown): readonly string[] | null {
  if (typeof id2label !== 'object' || id2label === null) return null;
  const entries = Object.entries(id2label).map(([id, label]) => [Number(id), String(label)] as const);
  if (entries.length === 0 || entries.some(([id]) => !Number.isInteger(id) || id < 0 || id > 100_000)) return null;
  const labels: string[] = [];
  for (const [id, label] of entries) labels[id] = label;
  return Array.from(labels, (label, id) => label ?? String(id));
}
