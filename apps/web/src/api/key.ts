/** The key that this tab sends. It lives as long as the tab: a browser that is closed keeps none. */
const itemName = 'lensgate-key';

const listeners = new Set<() => void>();
const changed = () => {
  for (const listener of listeners) listener();
};

/** Whether a text could be a key: a header holds nothing else. */
export const isSendable = (text: string): boolean => /^[\x21-\x7e]{1,512}$/.test(text);

export function keyOfTab(): string | null {
  try {
    return window.sessionStorage.getItem(itemName);
  } catch {
    // A browser that lets no page store anything: the key is asked for again after each load.
    return keptInMemory;
  }
}

let keptInMemory: string | null = null;

/** @param key null forgets it */
export function keepKey(key: string | null): void {
  keptInMemory = key;
  try {
    if (key === null) window.sessionStorage.removeItem(itemName);
    else window.sessionStorage.setItem(itemName, key);
  } catch {
    // As above.
  }
  changed();
}

export function onKeyChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The headers that carry the key, where there is one. */
export function keyHeaders(): Readonly<Record<string, string>> {
  const key = keyOfTab();
  return key === null ? {} : { authorization: `Bearer ${key}` };
}
