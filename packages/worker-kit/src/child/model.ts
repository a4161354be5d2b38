import type { CheckpointFindings, Words } from '@lensgate/contracts';
import { type Failure, fail } from '@lensgate/contracts/plain';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { canaryImage } from './canary.js';
import { decodeImage } from './decode.js';
import type { Family, Recognized, Tensors } from './family.js';
import { type OnnxFacts, OnnxFileError, readOnnxFacts, refuseExternalData } from './onnx-file.js';

/** A checkpoint that can run. */
export interface LoadedModel {
  readonly family: Family;
  readonly recognized: Recognized<unknown>;
  readonly findings: CheckpointFindings;
  run(feeds: Tensors): Promise<Tensors>;
}

/**
 * Looks into a checkpoint and makes a session of it.
 * @param threads of the session's pool; ONNX Runtime counts the host's cores, not the container's
 * @throws Failure CHECKPOINT_REFUSED in words, when it is not a model that one of these families can run
 */
export async function loadModel(path: string, families: readonly Family[], threads: number): Promise<LoadedModel> {
  const facts = readFacts(path);
  const { family, recognized } = recognize(facts, families);
  const session = await createSession(path, threads);
  const run = async (feeds: Tensors) => fromOrt(await session.run(toOrt(feeds)));
  const { feeds } = family.preprocess(
    await decodeImage(await canaryImage(), { pixelsMax: Number.MAX_SAFE_INTEGER }),
    recognized.spec,
  );
  const confirmed = family.confirm(recognized, await firstRun(run, feeds));
  if ('refusal' in confirmed) throw fail('CHECKPOINT_REFUSED', { reason: confirmed.refusal });
  return { family, recognized: confirmed, findings: findingsOf(facts, family, confirmed), run };
}

async function firstRun(run: LoadedModel['run'], feeds: Tensors): Promise<Tensors> {
  try {
    return await run(feeds);
  } catch (error) {
    throw doesNotRun(error);
  }
}

function readFacts(path: string): OnnxFacts {
  try {
    const facts = readOnnxFacts(path);
    refuseExternalData(facts);
    return facts;
  } catch (error) {
    if (error instanceof OnnxFileError) throw fail('CHECKPOINT_REFUSED', { reason: error.words });
    throw error;
  }
}

function recognize(facts: OnnxFacts, families: readonly Family[]): { family: Family; recognized: Recognized<unknown> } {
  for (const family of families) {
    const recognition = family.recognize(facts);
    if (recognition === null) continue;
    if ('refusal' in recognition) throw fail('CHECKPOINT_REFUSED', { reason: recognition.refusal });
    return { family, recognized: recognition };
  }
  throw fail('CHECKPOINT_REFUSED', { reason: notRecognized(facts, families) });
}

function notRecognized({ inputs, outputs, metadata }: OnnxFacts, families: readonly Family[]): Words {
  const shapes = (values: OnnxFacts['inputs']) =>
    values.map(({ name, shape }) => `${name} [${(shape ?? ['?']).join(', ')}]`).join(', ');
  const served = families.map(({ name }) => name).join(', ');
  const { task } = metadata;
  return {
    en: `The graph (inputs ${shapes(inputs)}; outputs ${shapes(outputs)}) is of no family that this worker serves (${served || 'none yet'}).${task === undefined ? '' : ` Its metadata says task "${task}".`}`,
    ko: `이 워커가 지원하는 모델 계열(${served || '아직 없음'})에 속하지 않는 그래프입니다(입력 ${shapes(inputs)}, 출력 ${shapes(outputs)}).${task === undefined ? '' : ` 메타데이터의 task는 "${task}"입니다.`}`,
  };
}

async function createSession(path: string, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Spinning threads take the time of the neighbours on the same cores.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    const why = withoutPaths(error);
    throw fail('CHECKPOINT_REFUSED', {
      reason: {
        en: `ONNX Runtime does not load the model: ${why}`,
        ko: `ONNX Runtime이 모델을 불러오지 못했습니다: ${why}`,
      },
    });
  }
}

/** The refusal of a checkpoint that fails on the picture that every one is tried on. */
export function doesNotRun(error: unknown): Failure {
  const why = withoutPaths(error);
  return fail('CHECKPOINT_REFUSED', {
    reason: {
      en: `The model does not run on a test picture: ${why}`,
      ko: `시험 이미지로 모델을 실행하지 못했습니다: ${why}`,
    },
  });
}

/** ONNX Runtime's words without the places they name: source files, folders of ours. */
export function withoutPaths(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replaceAll(/\S*\/\S*/g, '…')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 300)
    .trim();
}

function findingsOf(facts: OnnxFacts, family: Family, recognized: Recognized<unknown>): CheckpointFindings {
  const values = (list: OnnxFacts['inputs']) =>
    list.map(({ name, elementType, shape }) => ({
      name,
      type: elementType,
      shape: (shape ?? []).map((dim) => dim ?? '?'),
    }));
  return {
    family: family.name,
    task_type: family.taskType,
    inputs: values(facts.inputs),
    outputs: values(facts.outputs),
    input_width: recognized.inputWidth,
    input_height: recognized.inputHeight,
    num_classes: recognized.classCount,
    class_names: recognized.classNames ? [...recognized.classNames] : null,
  };
}

function toOrt(feeds: Tensors): Record<string, OrtTensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { type, data, dims }]) => [name, new OrtTensor(type, data as never, [...dims])]),
  );
}

function fromOrt(outputs: InferenceSession.OnnxValueMapType): Tensors {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => {
      const tensor = value as OrtTensor;
      return [name, { type: tensor.type as 'float32', data: tensor.data as Float32Array, dims: tensor.dims }];
    }),
  );
}
