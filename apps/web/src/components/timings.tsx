import type { InferenceAnswer } from '../api/send-picture.js';
import { useTexts } from '../hooks/use-language.js';
import { durationText } from '../logic/format.js';

export function Timings({ answer: { reply, totalMs } }: { answer: InferenceAnswer }) {
  const texts = useTexts();
  const times = [
    [texts.timing.preprocessing, reply.preprocessing_time_ms],
    [texts.timing.inference, reply.inference_time_ms],
    [texts.timing.postprocessing, reply.postprocessing_time_ms],
    [texts.timing.total, totalMs],
  ] as const;
  return (
    <>
      <dl className="timings">
        {times.map(([name, durationMs]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{durationText(durationMs)}</dd>
          </div>
        ))}
      </dl>
      {!reply.model.warm && <p className="hint">{texts.coldModel}</p>}
    </>
  );
}
