import type { Checkpoint, InferenceReply, TrainingJobInput } from '@lensgate/contracts';
import { gatewayCalls, type QuickOptions } from '@lensgate/testing';

type Reply<Task extends InferenceReply['task_type']> = Extract<InferenceReply, { task_type: Task }>;
export type Segmentation = Reply<'instance_segmentation'>;
export type Detection = Reply<'object_detection'>;
export type Classification = Reply<'image_classification'>;

/** Answers of a gateway, where a test expects success. @throws Error with the status and the problem otherwise */
export function gatewayAnswers(url: string) {
  const gateway = gatewayCalls(url);
  return {
    async quick<T extends InferenceReply>(
      jobId: number,
      options: Omit<QuickOptions, 'fields'> & Partial<Pick<QuickOptions, 'fields'>>,
    ): Promise<T> {
      const { status, body } = await gateway.quick<T>(jobId, options);
      if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return body;
    },

    /** A job with a checkpoint that its worker has accepted. */
    async jobWith(job: Partial<TrainingJobInput>, file: Uint8Array): Promise<{ id: number; checkpoint: Checkpoint }> {
      const { body } = await gateway.createJob(job);
      const uploaded = await gateway.upload(body.id, file);
      const [checkpoint] = uploaded.body.checkpoints ?? [];
      if (uploaded.status !== 201 || !checkpoint) {
        throw new Error(`${uploaded.status}: ${JSON.stringify(uploaded.body)}`);
      }
      return { id: body.id, checkpoint };
    },
  };
}

export type GatewayAnswers = ReturnType<typeof gatewayAnswers>;
