import { detailOf, Failure, type Words } from '@lensgate/contracts';
import type { GatewayParts } from '../gateway-parts.js';
import { isAway } from '../workers/worker-away.js';
import { type ServingCall, warmCheckpoint } from './change-serving.js';

/**
 * Makes sure that a checkpoint runs before the pictures of its job go to it: loads it on the workers, which prove it on
 * a picture of their own.
 * @returns a note where no worker could be asked
 * @throws why it cannot serve, in which case the one that serves now is to stay; ClientGone
 */
export async function readyToServe(parts: GatewayParts, call: ServingCall): Promise<Words | undefined> {
  try {
    await warmCheckpoint(parts, call);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure) || !isAway(error)) throw error;
    // Nothing is served then that the change could harm.
    return {
      en: `No worker could load it yet; its first use will. ${detailOf(error.code, error.params, 'en')}`,
      ko: `아직 어느 워커도 불러오지 못했습니다. 처음 사용할 때 불러옵니다. ${detailOf(error.code, error.params, 'ko')}`,
    };
  }
}
