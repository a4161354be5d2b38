import { type FormEvent, useId, useState } from 'react';
import { isSendable, keepKey, keyOfTab } from '../api/key.js';
import { useTexts } from '../hooks/use-language.js';

/** Asks for a key, after the API has refused a request without one or with a wrong one. */
export function KeyPrompt({ onKey }: { onKey(): void }) {
  const texts = useTexts();
  // Shown because a request was refused: a key that it carried was not right.
  const [isWrong, setIsWrong] = useState(() => keyOfTab() !== null);
  const id = useId();
  const take = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get('key')).trim();
    if (!isSendable(key)) return setIsWrong(true);
    keepKey(key);
    onKey();
  };
  return (
    <form className="key-prompt" onSubmit={take}>
      <h3>{texts.keyTitle}</h3>
      {isWrong ? (
        <p className="note warning" role="alert">
          {texts.keyWrong}
        </p>
      ) : (
        <p className="hint">{texts.keyHint}</p>
      )}
      <label htmlFor={id}>{texts.key}</label>
      <input id={id} name="key" type="password" autoComplete="off" spellCheck={false} placeholder="lg_…" required />
      <button type="submit">{texts.keyUse}</button>
    </form>
  );
}
