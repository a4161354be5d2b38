import type { InferenceReply } from '@lensgate/contracts';
import { useRef } from 'react';
import { useTexts } from '../hooks/use-language.js';
import { percentText } from '../logic/format.js';
import { countByLabel, type Detection, thresholdThatShows } from '../logic/shown-boxes.js';

interface SummaryProps {
  readonly reply: InferenceReply | undefined;
  readonly all: readonly Detection[];
  readonly shown: readonly Detection[];
  readonly threshold: number;
  onThreshold(threshold: number): void;
}

/** The answer in a line, which screen readers hear when it changes. */
export function Summary({ reply, all, shown, threshold, onThreshold }: SummaryProps) {
  const texts = useTexts();
  const words = useRef<HTMLParagraphElement>(null);
  const lower = reply && shown.length === 0 ? thresholdThatShows(all) : undefined;
  return (
    <div className="summary">
      <p role="status" ref={words} tabIndex={-1}>
        {reply && <SummaryWords reply={reply} all={all} shown={shown} threshold={threshold} />}
      </p>
      {lower !== undefined && (
        <button
          type="button"
          onClick={() => {
            onThreshold(lower);
            // The button goes, and what it has changed is said here.
            words.current?.focus();
          }}
        >
          {texts.lowerTo(lower.toFixed(2))}
        </button>
      )}
    </div>
  );
}

function SummaryWords({
  reply,
  all,
  shown,
  threshold,
}: Omit<SummaryProps, 'reply' | 'onThreshold'> & { reply: InferenceReply }) {
  const texts = useTexts();
  if (reply.task_type === 'image_classification')
    return <strong>{texts.best(reply.predicted_label, percentText(reply.confidence))}</strong>;
  const below = all.length - shown.length;
  if (all.length === 0) return <strong>{texts.nothingFound}</strong>;
  if (shown.length === 0) return <strong>{texts.nothingBelow(threshold.toFixed(2), below)}</strong>;
  const labels = countByLabel(shown)
    .map(({ label, count }) => (count > 1 ? `${label} ×${count}` : label))
    .join(', ');
  return (
    <>
      <strong>{texts.shown(shown.length, threshold.toFixed(2), below)}</strong> <span>{labels}</span>
    </>
  );
}
