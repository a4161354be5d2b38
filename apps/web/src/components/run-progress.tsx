import type { Run } from '../hooks/use-inference.js';
import { useTexts } from '../hooks/use-language.js';

/** What a request under way is doing; nothing when none is. */
export function RunProgress({ run }: { run: Run }) {
  const texts = useTexts();
  if (run.state === 'uploading') {
    const percent = Math.floor(run.share * 100);
    return (
      <div className="run-progress">
        <progress aria-label={texts.uploading(percent)} value={percent} max={100} />
        <span>{texts.uploading(percent)}</span>
      </div>
    );
  }
  if (run.state !== 'waiting') return null;
  return (
    <div className="run-progress">
      <progress aria-label={texts.waiting} />
      <span>{texts.waiting}</span>
    </div>
  );
}
