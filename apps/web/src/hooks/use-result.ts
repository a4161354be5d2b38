import type { TrainingJob } from '@lensgate/contracts';
import { useMemo, useState } from 'react';
import { fieldsForData, fieldsForPictures, hasBoxes } from '../api/inference-fields.js';
import type { InferenceAnswer, InferenceRequest } from '../api/send-picture.js';
import { isDrawnByApi, type View, viewsOf } from '../logic/views.js';
import { type Inference, useInference } from './use-inference.js';
import { type OverlaySaving, useOverlaySaving } from './use-overlay-saving.js';
import { useSettled } from './use-settled.js';

const sliderQuietMs = 250;

export interface Result {
  /** Of the request for everything down to the floor. */
  readonly data: Inference;
  readonly answer: InferenceAnswer | undefined;
  readonly views: readonly View[];
  readonly view: View;
  chooseView(view: View): void;
  /** What the API has drawn for this view, as an address; perhaps for a threshold before this one. */
  readonly drawn: string | undefined;
  /** The request that this view rests on. */
  readonly request: InferenceRequest;
  readonly inference: Inference;
  /** Breaks off what this view waits for. */
  cancel(): void;
  readonly saving: OverlaySaving;
  /** Shows the API's overlay, and saves it as soon as it is there. */
  saveOverlay(): void;
}

interface ResultInput {
  readonly file: File;
  readonly job: TrainingJob;
  readonly threshold: number;
  /** Whether the browser cannot display the file itself. */
  readonly isUnshowable: boolean;
}

/** Sends a picture through a job's checkpoint: once for the data, and for pictures when a view needs them. */
export function useResult({ file, job, threshold, isUnshowable }: ResultInput): Result {
  const [wishedView, setWishedView] = useState<View>('result');

  const dataRequest = useMemo(() => ({ file, fields: fieldsForData(job) }), [file, job]);
  const data = useInference(dataRequest);
  const answer = data.run.state === 'answered' ? data.run.answer : undefined;

  const views = viewsOf(job.task_type).filter((each) => !isUnshowable || isDrawnByApi(each));
  const view = views.includes(wishedView) ? wishedView : (views[0] ?? 'original');
  const needsPictures = answer !== undefined && isDrawnByApi(view);
  const settled = useSettled(threshold, sliderQuietMs);
  // A classifier's drawing knows no threshold.
  const drawnAt = hasBoxes(job) ? settled : 0;
  const picturesRequest = useMemo(
    () => (needsPictures ? { file, fields: fieldsForPictures(job, drawnAt) } : null),
    [needsPictures, file, job, drawnAt],
  );
  const pictures = useInference(picturesRequest);

  // At the threshold of the slider, which the drawing follows when it has settled.
  const shownNow = useMemo(
    () => ({ file, fields: fieldsForPictures(job, hasBoxes(job) ? threshold : 0) }),
    [file, job, threshold],
  );
  const saving = useOverlaySaving(shownNow, pictures.latest);

  const inference = needsPictures ? pictures : data;
  return {
    data,
    answer,
    views,
    view,
    chooseView: (chosen) => {
      saving.stop();
      setWishedView(chosen);
    },
    drawn: needsPictures ? drawnPicture(pictures.latest, { file, job, view }) : undefined,
    request: picturesRequest ?? dataRequest,
    inference,
    cancel: () => {
      saving.stop();
      inference.cancel();
    },
    saving,
    saveOverlay: () => {
      saving.start();
      setWishedView('overlay');
    },
  };
}

function drawnPicture(
  latest: Inference['latest'],
  { file, job, view }: { file: File; job: TrainingJob; view: View },
): string | undefined {
  if (latest?.request.file !== file || latest.request.fields[0]?.[1] !== String(job.id)) return undefined;
  const { reply } = latest.answer;
  const mask = reply.task_type === 'instance_segmentation' ? reply.predicted_mask_base64 : undefined;
  const base64 = view === 'mask' ? mask : reply.overlay_base64;
  return base64 && `data:image/png;base64,${base64}`;
}
