import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { firstLanguage, type Language, textsOf } from '../text/language.js';
import type { Texts } from '../text/texts.js';

interface Spoken {
  readonly language: Language;
  readonly texts: Texts;
  speak(language: Language): void;
}

const SpokenContext = createContext<Spoken | undefined>(undefined);
const storageKey = 'lensgate.language';

/** Storage may be forbidden; the choice then lasts as long as the page. */
function remembered(): string | null {
  try {
    return window.localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}

function remember(language: Language): void {
  try {
    window.localStorage.setItem(storageKey, language);
  } catch {}
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(() => firstLanguage(remembered(), navigator.languages));
  const texts = textsOf[language];
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = `Lensgate · ${texts.tagline}`;
  }, [language, texts]);
  const spoken = useMemo(
    () => ({
      language,
      texts,
      speak: (chosen: Language) => {
        remember(chosen);
        setLanguage(chosen);
      },
    }),
    [language, texts],
  );
  return <SpokenContext value={spoken}>{children}</SpokenContext>;
}

export function useLanguage(): Spoken {
  const spoken = useContext(SpokenContext);
  if (!spoken) throw new Error('useLanguage outside of LanguageProvider');
  return spoken;
}

export const useTexts = (): Texts => useLanguage().texts;
