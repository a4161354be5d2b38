import { keepKey } from '../api/key.js';
import { useHasKey } from '../hooks/use-key.js';
import { useLanguage } from '../hooks/use-language.js';
import { languageNames, languages } from '../text/language.js';

export function PageHeader() {
  const { language, texts, speak } = useLanguage();
  const hasKey = useHasKey();
  const forgetKey = () => {
    keepKey(null);
    // What the key has shown goes with it.
    window.location.reload();
  };
  return (
    <header className="page-header">
      <img className="mark" src="/icon.svg" alt="" width="32" height="32" />
      <div className="brand">
        <h1>Lensgate</h1>
        <p>{texts.tagline}</p>
      </div>
      {hasKey && (
        <button type="button" className="plain" onClick={forgetKey}>
          {texts.keyForget}
        </button>
      )}
      <a className="quiet-link" href="/docs">
        {texts.apiDocs}
      </a>
      <fieldset className="segments">
        <legend className="hidden">{texts.language}</legend>
        {languages.map((each) => (
          <label key={each} lang={each}>
            <input type="radio" name="language" value={each} checked={each === language} onChange={() => speak(each)} />
            <span>{languageNames[each]}</span>
          </label>
        ))}
      </fieldset>
    </header>
  );
}
