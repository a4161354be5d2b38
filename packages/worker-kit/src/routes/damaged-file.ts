import { Failure, fail } from '@lensgate/contracts';
import type { StoredModel } from '../child-pool.js';
import type { WorkerParts } from '../worker-parts.js';

/**
 * What is answered when a load has failed. A file that is no longer what its digest says is thrown away and asked for anew;
 * one that is built in can only be told to the operator.
 */
export async function answerForLoad(
  { store, logger }: WorkerParts,
  model: StoredModel,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof Failure) || error.code !== 'DIGEST_MISMATCH') return error;
  const { sha256 } = model;
  logger.error({ sha256, ...error.params }, 'a checkpoint is damaged on the disk');
  if (await store.discard(model)) return fail('CHECKPOINT_NEEDED', { sha256 });
  if (store.use(sha256) === model)
    return fail('CHECKPOINT_REFUSED', {
      reason: {
        en: 'The file of this built-in model has changed or was damaged since the worker has started. Restart the worker.',
        ko: '워커가 시작된 뒤에 이 내장 모델의 파일이 바뀌었거나 손상되었습니다. 워커를 다시 시작하세요.',
      },
    });
  // Another request has thrown it away, and it may have come anew.
  return fail('CHECKPOINT_NEEDED', { sha256 });
}
