import type { Run } from '../hooks/use-inference.js';
import { useTexts } from '../hooks/use-language.js';

interface RunProgressProps {
  readonly run: Run;
  onCancel(): void;
}

/** What a request under way is doing, and a way to break it off; nothing when none is. */
export function RunProgress({ run, onCancel }: RunProgressProps) {
  const texts = useTexts();
  if (run.state !== 'uploading' && run.state !== 'waiting') return null;
  const percent = run.state === 'uploading' ? Math.floor(run.share * 100) : undefined;
  const words = percent === undefined ? texts.waiting : texts.uploading(percent);
  return (
    <div className="run-progress">
      <progress aria-label={words} value={percent} max={100} />
      <span>{words}</span>
      <button type="button" onClick={onCancel}>
        {texts.cancel}
      </button>
    </div>
  );
}
