import { setTimeout as sleep } from 'node:timers/promises';
import { referencePictures, type StartedGateway } from '@lensgate/testing';

const demoJob = 20;
const pauseMs = 200;

export interface NeighbourEnd {
  readonly asked: number;
  /** Status and code of answers that were not 200, or the error of requests without one. */
  readonly others: readonly string[];
}

/** Somebody who asks for an ordinary picture of job 20, again and again, while others do harm. */
export function startNeighbour(gateway: Pick<StartedGateway, 'quick'>): { stop(): Promise<NeighbourEnd> } {
  const image = referencePictures()[0]!.bytes;
  const others: string[] = [];
  let asked = 0;
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      asked += 1;
      try {
        const { status, body } = await gateway.quick<{ code?: string }>(demoJob, { image });
        if (status !== 200) others.push(`${status} ${body.code}`);
      } catch (error) {
        others.push((error as Error).message);
      }
      await sleep(pauseMs);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await asking;
      return { asked, others };
    },
  };
}
