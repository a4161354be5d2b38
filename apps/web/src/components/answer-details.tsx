import type { InferenceAnswer } from '../api/send-picture.js';
import { useTexts } from '../hooks/use-language.js';
import { bytesText } from '../logic/format.js';
import { savedName, saveFile } from '../logic/save-file.js';
import type { Detection } from '../logic/shown-boxes.js';
import { ClassBars } from './class-bars.js';
import { DetectionTable } from './detection-table.js';
import { Timings } from './timings.js';

interface AnswerDetailsProps {
  readonly file: File;
  readonly answer: InferenceAnswer;
  readonly shown: readonly Detection[];
  readonly active: number | undefined;
  readonly pinned: number | undefined;
  colourOf(label: string): string;
  onActive(number: number | undefined): void;
  onPin(number: number): void;
  onSaveOverlay(): void;
}

/** What stands below the picture: what can be saved, warnings, detections or classes, times. */
export function AnswerDetails(props: AnswerDetailsProps) {
  const { file, answer, shown, active, pinned, colourOf, onActive, onPin, onSaveOverlay } = props;
  const texts = useTexts();
  const { reply } = answer;
  const saveJson = () => saveFile(savedName(file.name, 'result.json'), answer.body, 'application/json');
  return (
    <>
      <div className="under-stage">
        <span className="hint">{texts.imageFacts(reply.image_width, reply.image_height, bytesText(file.size))}</span>
        <button type="button" onClick={onSaveOverlay}>
          {texts.saveOverlay}
        </button>
        <button type="button" onClick={saveJson}>
          {texts.saveJson}
        </button>
      </div>
      {reply.warnings.length > 0 && (
        <section className="note warning">
          <h3>{texts.warnings}</h3>
          <ul lang="en">
            {reply.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </section>
      )}
      {reply.task_type === 'image_classification' && <ClassBars scores={reply.top5_predictions} colourOf={colourOf} />}
      {shown.length > 0 && (
        <DetectionTable
          detections={shown}
          active={active}
          pinned={pinned}
          colourOf={colourOf}
          onActive={onActive}
          onPin={onPin}
        />
      )}
      <Timings answer={answer} />
    </>
  );
}
