import { useTexts } from '../hooks/use-language.js';

/** Stands where the result will be: what is missing for one. */
export function EmptyResult({ file }: { file: File | undefined }) {
  const texts = useTexts();
  return (
    <div className="empty">
      <img src="/icon.svg" alt="" width="56" height="56" />
      <p>
        <strong>{file ? texts.jobAwaitedTitle(file.name) : texts.emptyTitle}</strong>
      </p>
      <p className="hint">{file ? texts.jobAwaitedHint : texts.emptyHint}</p>
    </div>
  );
}
