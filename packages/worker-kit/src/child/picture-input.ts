import type { Words } from '@lensgate/contracts';
import type { Refusal } from './family.js';
import type { OnnxFacts } from './onnx-file.js';

/** The one input of a vision model: [n, 3, height, width] float32. */
export interface PictureInput {
  readonly name: string;
  /** px; null where the graph leaves it open */
  readonly size: { readonly width: number; readonly height: number } | null;
}

/**
 * Reads the input of a model that takes one RGB picture.
 * @returns a refusal in words when it takes something else
 */
export function readPictureInput({ inputs }: Pick<OnnxFacts, 'inputs'>): PictureInput | Refusal {
  const [input, ...others] = inputs;
  if (!input || others.length > 0) return refuse(inputCount(inputs.length));
  const { name, elementType, shape } = input;
  if (shape?.length !== 4) return refuse(axisCount(name, shape?.length));
  const [batch, channels, height, width] = shape;
  if (typeof batch === 'number' && batch !== 1) return refuse(batchOf(batch));
  if (typeof channels === 'number' && channels !== 3) return refuse(channelCount(channels));
  if (elementType !== 'float32') return refuse(numberType(elementType));
  const size = typeof height === 'number' && typeof width === 'number' ? { width, height } : null;
  return { name, size };
}

const refuse = (refusal: Words): Refusal => ({ refusal });

const inputCount = (count: number): Words => ({
  en: `The model has ${count} inputs; one picture is expected.`,
  ko: `모델의 입력이 ${count}개입니다. 이미지 하나만 입력으로 받아야 합니다.`,
});
const axisCount = (name: string, count: number | undefined): Words => ({
  en: `The input ${name} has ${count ?? 'no known number of'} axes, not 4.`,
  ko: `입력 ${name}의 축이 4개가 아닙니다(${count === undefined ? '개수를 알 수 없음' : `${count}개`}).`,
});
const batchOf = (count: number): Words => ({
  en: `The model takes ${count} pictures at once. Export it with a batch of 1 or a dynamic batch.`,
  ko: `모델이 이미지를 한 번에 ${count}개 받습니다. 배치 크기를 1 또는 동적으로 설정해 내보내세요.`,
});
const channelCount = (count: number): Words => ({
  en: `The input has ${count} channels, not 3.`,
  ko: `입력 채널이 3개가 아니라 ${count}개입니다.`,
});
const numberType = (type: string): Words => ({
  en: `The input is ${type}. Export the model in float32 (half=False).`,
  ko: `입력이 ${type}입니다. 모델을 float32로 내보내세요(half=False).`,
});
