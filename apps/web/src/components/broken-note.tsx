import { useTexts } from '../hooks/use-language.js';

/** Stands where a part of the page could not be drawn. */
export function BrokenNote() {
  const texts = useTexts();
  return (
    <div className="failure" role="alert">
      <h3>{texts.brokenTitle}</h3>
      <p>{texts.brokenHint}</p>
      <button type="button" onClick={() => window.location.reload()}>
        {texts.reload}
      </button>
    </div>
  );
}
