import { useTexts } from '../hooks/use-language.js';

/** Stands where a request has been broken off by hand. */
export function CancelledNote({ onRepeat }: { onRepeat(): void }) {
  const texts = useTexts();
  return (
    <div className="note cancelled">
      <p role="status">{texts.cancelled}</p>
      <button type="button" onClick={onRepeat}>
        {texts.repeat}
      </button>
    </div>
  );
}
