import type { TrainingJob } from '@lensgate/contracts';
import { useMemo, useState } from 'react';
import { useCheckpointNames } from '../hooks/use-checkpoint-names.js';
import { useTexts } from '../hooks/use-language.js';
import { useObjectUrl } from '../hooks/use-object-url.js';
import { useResult } from '../hooks/use-result.js';
import { useShownAlike } from '../hooks/use-shown-alike.js';
import { classesOf, colourByLabel, namesBehind } from '../logic/class-colours.js';
import { type Detection, detectionsOf, shownAt } from '../logic/shown-boxes.js';
import { AnswerDetails } from './answer-details.js';
import { CancelledNote } from './cancelled-note.js';
import { DetectionLayer } from './detection-layer.js';
import { FailureNote } from './failure-note.js';
import { PictureStage } from './picture-stage.js';
import { RequestDetails } from './request-details.js';
import { RunProgress } from './run-progress.js';
import { Summary } from './summary.js';
import { ViewSwitch } from './view-switch.js';

interface ResultPanelProps {
  readonly file: File;
  readonly job: TrainingJob;
  readonly threshold: number;
  onThreshold(threshold: number): void;
}

/** The picture, what the job's checkpoint finds in it, and how it was asked. */
export function ResultPanel({ file, job, threshold, onThreshold }: ResultPanelProps) {
  const texts = useTexts();
  const url = useObjectUrl(file);
  const [natural, setNatural] = useState<{ url: string; width: number; height: number }>();
  const [unshowableUrl, setUnshowableUrl] = useState<string>();
  const [hovered, setHovered] = useState<Detection>();
  const [pinned, setPinned] = useState<Detection>();

  const isAlike = useShownAlike(file);
  const isUnshowable = (url !== undefined && unshowableUrl === url) || isAlike === false;
  const result = useResult({ file, job, threshold, isUnshowable });
  const { answer, view, drawn, inference } = result;
  const reply = answer?.reply;
  const all = useMemo(() => (reply ? detectionsOf(reply) : []), [reply]);
  const shown = useMemo(() => shownAt(all, threshold), [all, threshold]);
  const ofCheckpoint = useCheckpointNames(job.id, reply?.model.sha256);
  const colourOf = useMemo(
    () => colourByLabel(reply ? namesBehind(classesOf(reply), [ofCheckpoint, job.class_names]) : []),
    [reply, ofCheckpoint, job.class_names],
  );
  // A detection of an answer before this one stands for nothing here.
  const active = [hovered, pinned].find((each) => each && shown.includes(each))?.number;
  const setActive = (number: number | undefined) => setHovered(all.find((each) => each.number === number));
  const togglePin = (number: number) => setPinned(pinned === all[number - 1] ? undefined : all[number - 1]);

  const ofPicture = natural?.url === url ? natural : undefined;
  const ratio = reply ? reply.image_width / reply.image_height : ofPicture && ofPicture.width / ofPicture.height;
  const { run } = inference;
  const hasEnded = run.state === 'failed' || run.state === 'cancelled';
  return (
    <>
      <div className={hasEnded && !reply ? 'hidden' : 'result-head'}>
        <Summary reply={reply} all={all} shown={shown} threshold={threshold} onThreshold={onThreshold} />
        {reply && <ViewSwitch views={result.views} view={view} onView={result.chooseView} />}
      </div>
      {run.state === 'failed' && <FailureNote failure={run.failure} onRepeat={inference.repeat} />}
      {run.state === 'cancelled' && <CancelledNote onRepeat={inference.repeat} />}
      <div className="stage-holder">
        <RunProgress run={run} onCancel={result.cancel} />
        {drawn && (
          <PictureStage
            src={drawn}
            alt={view === 'mask' ? texts.maskAlt(file.name) : texts.overlayAlt(file.name)}
            ratio={ratio}
          />
        )}
        {!drawn && url && isAlike && !isUnshowable && (
          <PictureStage
            src={url}
            alt={texts.pictureAlt(file.name)}
            ratio={ratio}
            onShown={(width, height) => setNatural({ url, width, height })}
            onUnshowable={() => setUnshowableUrl(url)}
          >
            {reply && view === 'result' && (
              <DetectionLayer
                detections={shown}
                widthPx={reply.image_width}
                heightPx={reply.image_height}
                active={active}
                colourOf={colourOf}
                onActive={setActive}
                onPin={togglePin}
              />
            )}
          </PictureStage>
        )}
      </div>
      {result.saving.wasDropped && (
        <p className="note warning" role="status">
          {texts.saveDropped}
        </p>
      )}
      {isUnshowable && reply && <p className="hint">{texts.notShowable}</p>}
      {answer && (
        <AnswerDetails
          file={file}
          answer={answer}
          shown={shown}
          active={active}
          pinned={pinned && all.includes(pinned) ? pinned.number : undefined}
          colourOf={colourOf}
          onActive={setActive}
          onPin={togglePin}
          onSaveOverlay={result.saveOverlay}
        />
      )}
      <RequestDetails request={result.request} answer={run.state === 'answered' ? run.answer : undefined} />
    </>
  );
}
